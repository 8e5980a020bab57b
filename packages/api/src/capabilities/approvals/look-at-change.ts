import type { Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import type { WriteMeta } from '../../records/change';
import type { QueueDeps } from './approvals-deps';
import { hasBusinessWith } from './has-business-with';
import { findPending } from './pending-change';
import { type StandingReview, standingReview } from './standing-review';

/** Opens a pending change for somebody who has business with it. Throws NOT_FOUND for everybody else, INTEGRITY. */
export async function lookAtChange(
  tx: Transaction,
  deps: QueueDeps,
  under: DecidedUnder,
  id: string,
  { now }: WriteMeta,
): Promise<StandingReview> {
  const ground = { catalogue: under.snapshot.catalogue, rowKey: deps.macKeys.rows };
  const pending = await findPending(tx, ground, id, 'look');
  if (!pending) throw new Fault('NOT_FOUND');
  const standing = await standingReview(tx, deps, under, pending, now);
  if (!(await hasBusinessWith(tx, deps, under, standing, now))) throw new Fault('NOT_FOUND');
  return standing;
}
