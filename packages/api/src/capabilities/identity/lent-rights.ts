import type { RecordImage } from '../../database/record-image';
import { type LentRights, madeIn, type Principal, type PrincipalFacts } from '../../path/rooms';
import type { PolicyRecords } from '../../snapshot/policy-records';
import { roleBook } from '../../snapshot/role-book';
import { groupsOfRoles, type LoadedUser } from './load-principal';
import { nextTurn } from './next-turn';

/** Which grants count: those of a session, or one that a change was asked for under. */
export type CountedGrants = { readonly sessionId: string | null } | { readonly grantId: string };

/**
 * A principal with what break-glass lends to them at this moment. A grant counts for the user who took it, for no
 * longer than the eligibility allows today, and only while the eligibility is there and still names what was lent.
 *
 * INVARIANT: roles and groups that are lent stay apart from those that are held, so that nothing that asks who holds a
 * role, or decides about system objects and approvals, ever meets them.
 */
export function withLentRights(
  principal: Principal,
  loaded: LoadedUser,
  policy: PolicyRecords,
  now: () => Date,
  counted: CountedGrants,
): Principal {
  if (loaded.grants.length === 0 || principal.audience !== 'staff') return principal;
  const instant = now().toISOString();
  const terms = loaded.grants.filter((grant) => counts(grant, counted)).flatMap((grant) => termOf(grant, loaded));
  const turns = terms.flatMap(({ from, until }) => [from, until]);
  const own = principal.until ? [principal.until.at.toISOString()] : [];
  const facts = { ...principal, until: nextTurn([...own, ...turns], now) };
  const open = terms.find(({ from, until }) => from <= instant && instant < until);
  const lent = open && lentBy(open.grant, loaded, policy);
  return madeIn<'identify', PrincipalFacts>(lent ? { ...facts, lent, breakGlass: true } : facts);
}

function counts(grant: RecordImage, counted: CountedGrants): boolean {
  if ('grantId' in counted) return grant.id === counted.grantId;
  return grant.sessionId === null || grant.sessionId === counted.sessionId;
}

interface Term {
  readonly grant: RecordImage;
  readonly from: string;
  readonly until: string;
}

function termOf(grant: RecordImage, { user, eligibilities }: LoadedUser): Term[] {
  const allowed = eligibilities.find(({ id }) => id === grant.eligibility);
  const fits =
    allowed?.person === user.person &&
    grant.person === user.person &&
    allowed?.role === grant.role &&
    allowed?.group === grant.sharingGroup;
  if (!allowed || !fits) return [];
  const from = String(grant.opensAt);
  const longest = new Date(Date.parse(from) + Number(allowed.longestMinutes) * 60_000).toISOString();
  const [until] = [String(grant.endsAt), longest].sort();
  return [{ grant, from, until: until! }];
}

function lentBy(grant: RecordImage, loaded: LoadedUser, policy: PolicyRecords): LentRights | null {
  const role = roleBook(policy).nameOf(String(grant.role));
  if (role === undefined) return null;
  const groups = grant.sharingGroup === null ? [] : [String(grant.sharingGroup)];
  const groupIds = [...new Set([...groups, ...groupsOfRoles(loaded, policy, [String(grant.role)])])].sort();
  return { grantId: String(grant.id), roles: [role], groupIds };
}
