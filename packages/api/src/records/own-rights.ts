import type { RecordImage } from '../database/record-image';
import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { DecidedUnder } from '../path/rooms';
import { isPolicyObject } from '../snapshot/policy-records';
import { roleBook } from '../snapshot/role-book';
import type { RecordWrite } from './change';
import { ACTION_OF } from './decide-changes';

/**
 * Everything through which a caller has rights, by person: second accounts, past and future roles, and what break-glass
 * may lend them included.
 */
interface OwnRights {
  readonly personId: string | null;
  readonly clientId: string | null;
  readonly users: ReadonlySet<unknown>;
  /** Roles, and everything they inherit. */
  readonly roles: ReadonlySet<unknown>;
  readonly groups: ReadonlySet<unknown>;
  /** True when one of these roles lets something of the object be seen. */
  speakAbout(objectName: unknown): boolean;
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
  CellRule: (image, own) => own.roles.has(image.role),
  SharingGroup: (image, own) => own.groups.has(image.id),
  SharingCondition: (image, own) => own.groups.has(image.group),
  SharingMember: (image, own) =>
    own.users.has(image.user) || own.roles.has(image.role) || (own.clientId !== null && image.client === own.clientId),
  // Who keeps the rules is asked by some of them too; that they change only by two is a rule of its own.
  ApprovalRule: () => false,
  ApprovalLevel: (image, own) => own.personId !== null && image.approverPerson === own.personId,
  ApprovalDelegation: (image, own) => own.personId !== null && image.delegate === own.personId,
  BreakGlassEligibility: (image, own) => own.personId !== null && image.person === own.personId,
};

/**
 * Nobody may change an assignment, permission or group that touches their own person or roles, or open an object that
 * their roles speak about. Judged on the images before and after, so that a record can be moved neither into reach nor
 * out of it. Throws FORBIDDEN.
 *
 * INVARIANT: the head is locked, so nobody's rights change between this look and the commit.
 */
export async function forbidOwnRights(
  tx: Transaction,
  under: DecidedUnder,
  writes: readonly RecordWrite[],
): Promise<void> {
  if (under.principal.kind === 'installation') return;
  const about = writes.filter(
    ({ change: { object } }) => isPolicyObject(object.name) || Object.hasOwn(TOUCHES, object.name),
  );
  if (about.length === 0) return;
  const own = await ownRights(tx, under);
  const touching = about.find((write) => touchesOwn(write, own));
  if (!touching) return;
  throw new Fault('FORBIDDEN', {
    coordinate: touching.change.object.name,
    action: ACTION_OF[touching.change.verb],
    because: 'own-rights',
    message: 'You may not change your own rights.',
  });
}

function touchesOwn({ change, before, after }: RecordWrite, own: OwnRights): boolean {
  const { name } = change.object;
  // To open an object gives all its records to whoever may see it at all; to close one takes from its maker as well.
  if (name === 'ObjectSetting') {
    return after?.sharing === 'OPEN' && before?.sharing !== 'OPEN' && own.speakAbout(after.objectName);
  }
  const touches = TOUCHES[name];
  // A configuration object that nothing is known of here is not one to be changed in passing.
  if (!touches) return true;
  return [before, after].some((image) => image !== null && touches(image, own));
}

async function ownRights(tx: Transaction, { principal, snapshot }: DecidedUnder): Promise<OwnRights> {
  const { personId, userId, clientId } = principal.values;
  const [held] = await rowsOf<{ users: string[]; roles: string[]; lendable: string[] }>(
    tx,
    `with own as (select id from app_user where person_id=$1::uuid or id=$2::uuid)
      select array(select id::text from own) as users, array(select role_id::text from role_assignment
        where user_id in (select id from own) or client_id=$3::uuid
        union select role_id::text from break_glass_eligibility where person_id=$1::uuid) as roles,
      array(select group_id::text from break_glass_eligibility where person_id=$1::uuid and group_id is not null) as lendable`,
    [personId, userId, clientId],
  );
  const { records } = snapshot.policyRecords;
  const inForce = Object.keys(records.Role).filter((id) => principal.roles.includes(String(records.Role[id]!.name)));
  const roles = roleBook(snapshot.policyRecords).withInherited([...(held?.roles ?? []), ...inForce]);
  const users = new Set([...(held?.users ?? []), ...(userId === null ? [] : [userId])]);
  const groups = await rowsOf<{ id: string }>(
    tx,
    `select distinct group_id::text as id from sharing_member
      where user_id=any($1::uuid[]) or role_id=any($2::uuid[]) or client_id=$3::uuid`,
    [[...users], [...roles], clientId],
  );
  return {
    personId,
    clientId,
    users,
    roles,
    groups: new Set([...groups.map(({ id }) => id), ...principal.groupIds, ...(held?.lendable ?? [])]),
    speakAbout: (objectName) => rolesSpeakAbout(snapshot, roles, objectName),
  };
}

/** Wildcards do not cover system objects. */
function rolesSpeakAbout(
  { catalogue, policyRecords }: DecidedUnder['snapshot'],
  roles: ReadonlySet<string>,
  objectName: unknown,
): boolean {
  const isSystem = catalogue.objects.get(String(objectName))?.kind === 'system';
  return Object.values(policyRecords.records.FieldPermission).some(
    (line) =>
      line.effect === 'ALLOW' &&
      roles.has(String(line.role)) &&
      (line.objectName === objectName || (line.objectName === '*' && !isSystem)),
  );
}
