/**
 * BREAK-GLASS: rights in an emergency, named in advance by two people, for a short time, and looked at afterwards.
 *
 * It promises that what is lent is exactly what was named, from the moment it is taken until its end on every replica;
 * that it never reaches system objects, the audit log or an approval; that everything done meanwhile is marked in the
 * trace; and that nobody has a second grant before another person has reviewed the last one. It owns
 * break_glass_eligibility (written by the generic verbs, as configuration) and break_glass_grant. What is lent is decided
 * where everything is decided: `withLentRights` in identity, `isLendable` in packages/policy.
 */
export { BreakGlassResolver } from './break-glass.resolver';
export type { BreakGlassDeps } from './break-glass-deps';
export { grantsTopic } from './grants-topic';
export { endOverdue, keepGrants } from './keep-grants';
