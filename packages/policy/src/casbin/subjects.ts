/*
 * Subjects carry a type prefix, so that no role can be named like a class of rights.
 *
 * INVARIANT: no subject holds a comma. Casbin remembers role links within one question under both names joined by a
 * comma, so `a,b` -> `c` and `a` -> `b,c` would be the same to it. Role names are checked when a policy is checked.
 */

/** The subject under which a role's lines and links are known to Casbin. */
export function roleSubject(role: string): string {
  return `role:${role}`;
}

/** A synthetic subject that holds a whole set of roles. Asking role by role and joining the answers would lose denies. */
export function classSubject(roles: readonly string[]): string {
  return `class:${roles.join('+')}`;
}
