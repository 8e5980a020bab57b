import { type DecidedUnder, madeIn, type PrincipalFacts } from './rooms';

/**
 * The same caller without what break-glass lends them: for what it never covers although billing fields are looked at,
 * such as the audit log. What they do is traced as under break-glass all the same.
 */
export async function underOwnRights(under: DecidedUnder): Promise<DecidedUnder> {
  if (!under.principal.lent) return under;
  const principal = madeIn<'identify', PrincipalFacts>({ ...under.principal, lent: null });
  return { ...under, principal, authority: await under.snapshot.authorityOf(principal) };
}
