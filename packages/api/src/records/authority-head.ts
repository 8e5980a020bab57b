import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { Head } from '../path/rooms';
import { HeadMoved } from '../path/under-head';

/** Whoever holds a snapshot listens here, to warm it; freshness never depends on it. */
export const HEAD_CHANNEL = 'countersign_head';

/**
 * Takes the head for a change of rights, before any other lock of the transaction, so that such changes come one after
 * the other. Throws HeadMoved unless it is the expected one.
 */
export async function lockHead(tx: Transaction, expected: Head): Promise<void> {
  const [row] = await rowsOf<{ policy_version: string; people_epoch: string }>(
    tx,
    'select policy_version, people_epoch from authority_head for update',
  );
  if (!row) throw new Fault('POLICY_UNAVAILABLE', { inside: 'there is no head' });
  if (Number(row.policy_version) !== expected.policyVersion || Number(row.people_epoch) !== expected.peopleEpoch) {
    throw new HeadMoved();
  }
}

/**
 * The last statement of a transaction that changes no rights, and of a refusal. The lock makes a change of rights wait for the commit, so
 * that what was decided under them is in the database before they change. Throws HeadMoved.
 */
export async function confirmHead(tx: Transaction, expected: Head): Promise<void> {
  const rows = await rowsOf(tx, 'select 1 from authority_head where policy_version=$1 and people_epoch=$2 for share', [
    expected.policyVersion,
    expected.peopleEpoch,
  ]);
  if (rows.length !== 1) throw new HeadMoved();
}

/** The last statements of a transaction that changes rights. The new head counts from the commit on. Throws HeadMoved. */
export async function moveHead(tx: Transaction, from: Head, to: Head): Promise<void> {
  await tx.query('select pg_notify($1,$2)', [HEAD_CHANNEL, `${to.policyVersion}.${to.peopleEpoch}`]);
  const [moved] = await rowsOf<{ n: number }>(
    tx,
    `with moved as (update authority_head set policy_version=$1, people_epoch=$2
      where policy_version=$3 and people_epoch=$4 returning 1) select count(*)::int as n from moved`,
    [to.policyVersion, to.peopleEpoch, from.policyVersion, from.peopleEpoch],
  );
  if (moved?.n !== 1) throw new HeadMoved();
}
