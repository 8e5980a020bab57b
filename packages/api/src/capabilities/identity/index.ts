/**
 * WHO ASKS: users, their passwords, and the tokens they come with.
 *
 * It promises that a principal holds exactly the rights in force at this moment, and that rows without a valid MAC grant
 * nothing. It owns user_credential and sign_in_attempt. It never tells an unknown user from a wrong password.
 */
export { Identify } from './identify';
export { type IdentityDeps, IdentityResolver, SeeLevel } from './identity.resolver';
export { isInScope, liesIn, type ScopeQuestion } from './is-in-scope';
export { withLentRights } from './lent-rights';
export { loadUser, principalAt } from './load-principal';
export { PasswordResolver } from './password.resolver';
export { setPasswords } from './set-passwords';
export { countTry, signIn } from './sign-in';
export { storePassword } from './store-password';
