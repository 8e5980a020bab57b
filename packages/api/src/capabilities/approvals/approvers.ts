import type { MacKey } from '@countersign/crypto';
import { objectOf } from '@countersign/schema';
import { imageText, type RecordImage } from '../../database/record-image';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { Snapshot } from '../../path/rooms';
import { rowIsGenuine } from '../../records/row-mac';
import type { PolicyRecords } from '../../snapshot/policy-records';
import { roleBook } from '../../snapshot/role-book';

type Ground = Pick<Snapshot, 'catalogue' | 'policyRecords'>;

export interface HoldersOptions {
  /** Only those who hold the role for good: no end is set to it. */
  readonly forGood?: boolean;
}

/**
 * The persons who hold a role at a moment, or one that inherits it: by active staff users, and assignments that the
 * gateway wrote. A forged one makes nobody an approver.
 */
export async function holdersOf(
  tx: Transaction,
  { catalogue, policyRecords }: Ground,
  rowKey: MacKey,
  roleName: string,
  now: Date,
  { forGood = false }: HoldersOptions = {},
): Promise<Set<string>> {
  const roleIds = rolesThatBring(policyRecords, roleName);
  if (roleIds.length === 0) return new Set();
  const [user, assignment] = [objectOf(catalogue, 'User'), objectOf(catalogue, 'RoleAssignment')];
  const rows = await rowsOf<{ u: string; um: Buffer | null; a: string; am: Buffer | null }>(
    tx,
    `select ${imageText(user, 'u')} as u, u.mac as um, ${imageText(assignment, 'a')} as a, a.mac as am
      from role_assignment a join app_user u on u.id=a.user_id where a.role_id=any($1::uuid[])`,
    [roleIds],
  );
  const instant = now.toISOString();
  const found = new Set<string>();
  for (const row of rows) {
    const [who, grant] = [JSON.parse(row.u), JSON.parse(row.a)] as [RecordImage, RecordImage];
    if (who.status !== 'ACTIVE' || who.audience !== 'STAFF') continue;
    if (grant.validFrom !== null && String(grant.validFrom) > instant) continue;
    if (grant.validUntil !== null && (forGood || String(grant.validUntil) <= instant)) continue;
    if (!rowIsGenuine(rowKey, user, who, row.um) || !rowIsGenuine(rowKey, assignment, grant, row.am)) continue;
    found.add(String(who.person));
  }
  return found;
}

/** The ids of a role and of all roles that inherit it. */
function rolesThatBring(policyRecords: PolicyRecords, roleName: string): string[] {
  const book = roleBook(policyRecords);
  const wanted = Object.keys(policyRecords.records.Role).find((id) => book.nameOf(id) === roleName);
  if (wanted === undefined) return [];
  return Object.keys(policyRecords.records.Role).filter((id) => book.withInherited([id]).has(wanted));
}

/** The absent people for whom a person may sign at a moment. Only delegations that the gateway wrote count. */
export async function absentPeopleOf(
  tx: Transaction,
  { catalogue }: Ground,
  rowKey: MacKey,
  delegate: string,
  now: Date,
): Promise<Set<string>> {
  const object = objectOf(catalogue, 'ApprovalDelegation');
  const rows = await rowsOf<{ image: string; mac: Buffer | null }>(
    tx,
    `select ${imageText(object, 't')} as image, t.mac from approval_delegation t
      where t.delegate_id=$1 and t.valid_from<=$2 and $2<t.valid_until`,
    [delegate, now.toISOString()],
  );
  return new Set(
    rows.flatMap(({ image: text, mac }) => {
      const image = JSON.parse(text) as RecordImage;
      return rowIsGenuine(rowKey, object, image, mac) ? [String(image.absentPerson)] : [];
    }),
  );
}
