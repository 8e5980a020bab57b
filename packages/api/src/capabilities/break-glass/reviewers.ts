import type { MacKey } from '@countersign/crypto';
import type { Transaction } from '../../database/sql-runner';
import type { Snapshot } from '../../path/rooms';
import { roleBook } from '../../snapshot/role-book';
import { holdersOf, SECURITY_ADMIN } from '../approvals';

/**
 * The persons who may review a grant at a moment, never the one who took it. A role that is lent makes nobody a reviewer;
 * when the reviewing role is gone, security admins review.
 */
export async function reviewersOf(
  tx: Transaction,
  { catalogue, policyRecords }: Pick<Snapshot, 'catalogue' | 'policyRecords'>,
  rowKey: MacKey,
  { reviewerRole, person }: { readonly reviewerRole: string; readonly person: string },
  now: Date,
): Promise<Set<string>> {
  const role = roleBook(policyRecords).nameOf(reviewerRole) ?? SECURITY_ADMIN;
  const holders = await holdersOf(tx, { catalogue, policyRecords }, rowKey, role, now);
  holders.delete(person);
  return holders;
}
