import type { MacKey } from '@countersign/crypto';
import { type Catalogue, isUuid, objectOf } from '@countersign/schema';
import type { Pool } from 'pg';
import { imageText, type RecordImage } from '../../database/record-image';
import { Fault } from '../../path/faults';
import { type Head, madeIn, type Principal, type PrincipalFacts } from '../../path/rooms';
import { rowIsGenuine } from '../../records/row-mac';
import type { PolicyRecords } from '../../snapshot/policy-records';
import { roleBook } from '../../snapshot/role-book';
import { nextTurn } from './next-turn';

/** A user with everything that was ever granted to them, as the head of the statement that read it says. */
export interface LoadedUser {
  readonly head: Head;
  readonly user: RecordImage;
  readonly name: string;
  /** Milliseconds since 1970; tokens issued before are void. */
  readonly passwordChangedAt: number;
  readonly assignments: readonly RecordImage[];
  readonly memberships: readonly RecordImage[];
  /** Break-glass grants of the user that are not ended, and what their person may be lent. */
  readonly grants: readonly RecordImage[];
  readonly eligibilities: readonly RecordImage[];
}

interface GrantRow {
  readonly image: string;
  readonly mac: Buffer | null;
}

/**
 * Reads a user, their role assignments and group memberships. Null when there is no such active user, or one that the
 * gateway did not write. Throws POLICY_UNAVAILABLE when a grant of theirs has no valid MAC: it may have been altered, and
 * a role that denies or a group that limits would open by being left out what it kept shut. A membership of a role may
 * have been any role's. Of what may be lent, rows without one are left out: to lend nothing opens nothing.
 */
export async function loadUser(
  pool: Pick<Pool, 'query'>,
  catalogue: Catalogue,
  macKey: MacKey,
  userId: string,
  onForgery: (object: string) => void,
): Promise<LoadedUser | null> {
  if (!isUuid(userId)) return null;
  const [user, assignment, member, grant, eligibility] = [
    'User',
    'RoleAssignment',
    'SharingMember',
    'BreakGlassGrant',
    'BreakGlassEligibility',
  ].map((name) => objectOf(catalogue, name));
  const { rows } = await pool.query(
    `select h.policy_version, h.people_epoch, ${imageText(user!, 'u')} as image, u.mac, p.full_name as name, c.changed_at,
      array(select ${imageText(assignment!, 'a')} from role_assignment a where a.user_id=u.id order by a.id) as assignments,
      array(select a.mac from role_assignment a where a.user_id=u.id order by a.id) as assignment_macs,
      array(select ${imageText(member!, 'm')} from sharing_member m where m.user_id=u.id or m.role_id is not null order by m.id) as members,
      array(select m.mac from sharing_member m where m.user_id=u.id or m.role_id is not null order by m.id) as member_macs,
      array(select ${imageText(grant!, 'g')} from break_glass_grant g where g.user_id=u.id and g.status='OPEN' order by g.id) as grants,
      array(select g.mac from break_glass_grant g where g.user_id=u.id and g.status='OPEN' order by g.id) as grant_macs,
      array(select ${imageText(eligibility!, 'e')} from break_glass_eligibility e where e.person_id=u.person_id order by e.id) as eligibilities,
      array(select e.mac from break_glass_eligibility e where e.person_id=u.person_id order by e.id) as eligibility_macs
    from authority_head h, app_user u join person p on p.id=u.person_id
      left join user_credential c on c.user_id=u.id where u.id=$1`,
    [userId],
  );
  const row = rows[0];
  if (!row) return null;
  const genuine = (object: typeof user, { image, mac }: GrantRow): RecordImage[] => {
    const parsed = JSON.parse(image) as RecordImage;
    if (rowIsGenuine(macKey, object!, parsed, mac)) return [parsed];
    onForgery(object!.name);
    return [];
  };
  const [image] = genuine(user, row);
  if (image?.status !== 'ACTIVE') return null;
  const those = (object: typeof user, images: string[], macs: (Buffer | null)[]) =>
    images.flatMap((text, i) => genuine(object, { image: text, mac: macs[i] ?? null }));
  const all = (object: typeof user, images: string[], macs: (Buffer | null)[]) => {
    const found = those(object, images, macs);
    if (found.length === images.length) return found;
    throw new Fault('POLICY_UNAVAILABLE', { inside: `a ${object!.name} of the user was not written by the gateway` });
  };
  return {
    head: { policyVersion: Number(row.policy_version), peopleEpoch: Number(row.people_epoch) },
    user: image,
    name: row.name as string,
    passwordChangedAt: row.changed_at === null ? 0 : Date.parse(row.changed_at),
    assignments: all(assignment, row.assignments, row.assignment_macs),
    memberships: all(member, row.members, row.member_macs),
    grants: those(grant, row.grants, row.grant_macs),
    eligibilities: those(eligibility, row.eligibilities, row.eligibility_macs),
  };
}

/**
 * The principal that a user is at one moment: time-limited roles are settled here, on every request. Holders of a role
 * are in its sharing groups, and in those of the roles it inherits: permissions never come along without their limits.
 * What is lent to the user is not among them; see `withLentRights`.
 */
export function principalAt(
  loaded: LoadedUser,
  policy: PolicyRecords,
  now: () => Date,
  sessionId: string | null,
): Principal {
  const { user } = loaded;
  const instant = now().toISOString();
  const roleIds = loaded.assignments
    .filter(
      ({ validFrom, validUntil }) =>
        (validFrom === null || String(validFrom) <= instant) && (validUntil === null || instant < String(validUntil)),
    )
    .map(({ role }) => String(role));
  const book = roleBook(policy);
  const roles = [...new Set(roleIds.flatMap((id) => book.nameOf(id) ?? []))].sort();
  const own = loaded.memberships.filter((member) => member.user === user.id).map(({ group }) => String(group));
  const groupIds = [...own, ...groupsOfRoles(loaded, policy, roleIds)];
  const turns = loaded.assignments.flatMap(({ validFrom, validUntil }) => [validFrom, validUntil]);
  return madeIn<'identify', PrincipalFacts>({
    kind: 'user',
    audience: user.audience === 'STAFF' ? 'staff' : 'portal',
    values: {
      userId: String(user.id),
      personId: String(user.person),
      accountId: user.account === null ? null : String(user.account),
      region: user.region === null ? null : String(user.region),
      email: String(user.email),
      clientId: null,
    },
    name: loaded.name,
    roles,
    scopes: null,
    groupIds: [...new Set(groupIds)].sort(),
    sessionId,
    until: nextTurn(turns.map(String), now),
  });
}

/** The groups that holders of roles are in. */
export function groupsOfRoles(
  { memberships }: Pick<LoadedUser, 'memberships'>,
  policy: PolicyRecords,
  roleIds: Iterable<string>,
): string[] {
  const held = roleBook(policy).withInherited(roleIds);
  return memberships.filter(({ role }) => role !== null && held.has(String(role))).map(({ group }) => String(group));
}

/** Somebody who has not signed in: no roles, no groups, and no way to tell hidden from unknown. */
export const ANONYMOUS: Principal = madeIn<'identify', PrincipalFacts>({
  kind: 'anonymous',
  audience: 'portal',
  values: { userId: null, personId: null, accountId: null, region: null, email: null, clientId: null },
  name: '',
  roles: [],
  scopes: null,
  groupIds: [],
  sessionId: null,
});
