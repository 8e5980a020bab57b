import type { Transaction } from '../database/sql-runner';
import type { DecidedUnder } from '../path/rooms';
import { HeadMoved, rightsHaveEnded } from '../path/under-head';

/**
 * The last statement of a transaction whose rights time will change: nothing is committed once it has. Should the gateway
 * be held up between this look and its commit, the database ends the transaction at that moment. Throws HeadMoved.
 */
export async function endWithRights(tx: Transaction, under: Pick<DecidedUnder, 'principal'>): Promise<void> {
  const { until } = under.principal;
  if (!until) return;
  if (rightsHaveEnded(under)) throw new HeadMoved();
  const left = Math.min(until.at.getTime() - until.now().getTime(), LONGEST_MS);
  await tx.query("select set_config('idle_in_transaction_session_timeout', $1, true)", [String(Math.max(left, 1))]);
  if (rightsHaveEnded(under)) throw new HeadMoved();
}

/** What the setting can hold. */
const LONGEST_MS = 2_147_483_647;
