import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { DecidedUnder, Head } from '../path/rooms';
import { HeadMoved } from '../path/under-head';
import { endWithRights } from './rights-end';

/** Whoever holds a snapshot listens here, to warm it; freshness never depends on it. */
export const HEAD_CHANNEL = 'countersign_head';

/**
 * Whoever may be about to commit under the head shares this advisory lock, and a change of rights takes it alone. The row
 * lock by itself would do for safety, but PostgreSQL lets newcomers share a locked row past somebody who waits to change
 * it: a steady stream of ordinary writes kept a revocation waiting until its time was up. This queue is a fair one.
 * Any number will do, as long as nobody else in this database locks the same one.
 */
const QUEUE = 7_243_650_114;

/**
 * Takes the head for a change of rights, before any other lock of the transaction, so that such changes come one after
 * the other. Gives the head as it is.
 */
export async function takeHead(tx: Transaction): Promise<Head> {
  const [row] = await rowsOf<{ policy_version: string; people_epoch: string }>(
    tx,
    'select h.policy_version, h.people_epoch from pg_advisory_xact_lock($1) q, authority_head h for update of h',
    [QUEUE],
  );
  if (!row) throw new Fault('POLICY_UNAVAILABLE', { inside: 'there is no head' });
  return { policyVersion: Number(row.policy_version), peopleEpoch: Number(row.people_epoch) };
}

/** The same for a change that was decided under a head. Throws HeadMoved unless it is that one. */
export async function lockHead(tx: Transaction, expected: Head): Promise<void> {
  const { policyVersion, peopleEpoch } = await takeHead(tx);
  if (policyVersion !== expected.policyVersion || peopleEpoch !== expected.peopleEpoch) throw new HeadMoved();
}

/**
 * The last statement of a transaction that changes no rights, and of a refusal. The lock makes a change of rights wait
 * for the commit, so that what was decided under them is in the database before they change. Rights that time has ended
 * meanwhile do not hold either. Throws HeadMoved.
 */
export async function confirmHead(tx: Transaction, under: Pick<DecidedUnder, 'head' | 'principal'>): Promise<void> {
  const expected = under.head;
  const rows = await rowsOf(
    tx,
    `select 1 from pg_advisory_xact_lock_shared($3) q, authority_head h
      where h.policy_version=$1 and h.people_epoch=$2 for share of h`,
    [expected.policyVersion, expected.peopleEpoch, QUEUE],
  );
  if (rows.length !== 1) throw new HeadMoved();
  await endWithRights(tx, under);
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
