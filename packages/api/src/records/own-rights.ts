import type { RecordImage } from '../database/record-image';
import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { DecidedUnder } from '../path/rooms';
import { roleBook } from '../snapshot/role-book';
import type { RecordWrite } from './change';
import { ACTION_OF } from './decide-changes';

/** Everything through which a caller has rights, by person: second accounts, past and future roles included. */
interface OwnRights {
  readonly personId: string | null;
  readonly clientId: string | null;
  readonly users: ReadonlySet<unknown>;
  /** Roles, and everything they inherit. */
  readonly roles: ReadonlySet<unknown>;
  readonly groups: ReadonlySet<unknown>;
}

type Touches = (image: RecordImage, own: OwnRights) => boolean;

const TOUCHES: Readonly<Record<string, Touches>> = {
  User: (image, own) => own.users.has(image.id) || (own.personId !== null && image.person === own.personId),
  Client: (image, own) => own.clientId !== null && image.id === own.clientId,
  RoleAssignment: (image, own) => own.users.has(image.user) || (own.clientId !== null && image.client === own.clientId),
  Role: (image, own) => own.roles.has(image.id),
  RoleInheritance: (image, own) => own.roles.has(image.role),
  FieldPermission: (image, own) => own.roles.has(image.role),
  ObjectPermission: (image, own) => own.roles.has(image.role),
  SharingGroup: (image, own) => own.groups.has(image.id),
  SharingCondition: (image, own) => own.groups.has(image.group),
  SharingMember: (image, own) =>
    own.users.has(image.user) || own.roles.has(image.role) || (own.clientId !== null && image.client === own.clientId),
};

/**
 * Nobody may change an assignment, permission or group that touches their own person or roles. Judged on the images
 * before and after, so that a record can be moved neither into reach nor out of it. Throws FORBIDDEN.
 *
 * INVARIANT: the head is locked, so nobody's rights change between this look and the commit.
 */
export async function forbidOwnRights(
  tx: Transaction,
  under: DecidedUnder,
  writes: readonly RecordWrite[],
): Promise<void> {
  if (under.principal.kind === 'installation') return;
  const about = writes.filter(({ change }) => Object.hasOwn(TOUCHES, change.object.name));
  if (about.length === 0) return;
  const own = await ownRights(tx, under);
  for (const { change, before, after } of about) {
    const touches = TOUCHES[change.object.name]!;
    if ([before, after].some((image) => image !== null && touches(image, own))) {
      throw new Fault('FORBIDDEN', {
        coordinate: change.object.name,
        action: ACTION_OF[change.verb],
        because: 'own-rights',
        message: 'You may not change your own rights.',
      });
    }
  }
}

async function ownRights(tx: Transaction, { principal, snapshot }: DecidedUnder): Promise<OwnRights> {
  const { personId, userId, clientId } = principal.values;
  const [row] = await rowsOf<{ users: string[]; roles: string[]; groups: string[] }>(
    tx,
    `with own as (select id from app_user where person_id=$1::uuid or id=$2::uuid),
      held as (select role_id from role_assignment where user_id in (select id from own) or client_id=$3::uuid)
    select array(select id::text from own) as users, array(select role_id::text from held) as roles,
      array(select group_id::text from sharing_member where user_id in (select id from own)
        or client_id=$3::uuid or role_id in (select role_id from held)) as groups`,
    [personId, userId, clientId],
  );
  const { records } = snapshot.policyRecords;
  const inForce = Object.keys(records.Role).filter((id) => principal.roles.includes(String(records.Role[id]!.name)));
  return {
    personId,
    clientId,
    users: new Set([...(row?.users ?? []), ...(userId === null ? [] : [userId])]),
    roles: roleBook(snapshot.policyRecords).withInherited([...(row?.roles ?? []), ...inForce]),
    groups: new Set([...(row?.groups ?? []), ...principal.groupIds]),
  };
}
