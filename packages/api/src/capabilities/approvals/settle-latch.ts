import type { MacKey } from '@countersign/crypto';
import type { Transaction } from '../../database/sql-runner';
import type { Snapshot } from '../../path/rooms';
import { Refused } from '../../records/change';
import { type Gates, gatesAreClosed } from '../../snapshot/policy-records';
import { holdersOf } from './approvers';

/** Holders of this role, for good and by an active staff user, are security admins. */
export const SECURITY_ADMIN = 'security-admin';

/** As many as it takes for a maker and a checker. */
const FEWEST = 2;

/**
 * Closes the gates with the change of rights that makes the second security admin, and keeps the last two from going.
 * Gives the gates of the next version, or undefined when they stay as they are. Throws Refused.
 *
 * INVARIANT: the head is locked, so nobody's rights change between this count and the commit.
 */
export async function settleLatch(
  tx: Transaction,
  ground: Pick<Snapshot, 'catalogue' | 'policyRecords'>,
  rowKey: MacKey,
  now: Date,
): Promise<Gates | undefined> {
  const admins = await holdersOf(tx, ground, rowKey, SECURITY_ADMIN, now, { forGood: true });
  if (!ground.policyRecords.gates?.closed) {
    return admins.size >= FEWEST ? { closed: true, openUntil: null } : undefined;
  }
  if (admins.size < FEWEST && gatesAreClosed(ground.policyRecords, now)) {
    const message = 'Two security admins have to remain: without a second one nobody could agree to anything.';
    throw new Refused([{ code: 'IN_USE', field: null, message }]);
  }
  return undefined;
}
