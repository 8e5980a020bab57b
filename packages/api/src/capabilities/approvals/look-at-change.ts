import type { Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import type { RecordWrite, WriteMeta } from '../../records/change';
import type { QueueDeps } from './approvals-deps';
import { groundOf } from './decide-change';
import { requireBusinessWith } from './has-business-with';
import { type DecisionRow, decisionsAbout, findPending, type PendingChangeRow } from './pending-change';
import { openPayload, type PendingPayload } from './pending-payload';
import { pendingWrites } from './pending-writes';
import { demandsOn, type Review, reviewOf, signaturesOn } from './review-change';
import { standingSignatures } from './signers-today';

/** A pending change with everything that is to know about it, for the gateway itself. */
export interface LookedAt {
  readonly pending: PendingChangeRow;
  readonly payload: PendingPayload;
  readonly decisions: readonly DecisionRow[];
  /** None when one of the records is gone. */
  readonly writes: readonly RecordWrite[];
  readonly review: Review;
}

/** Opens a pending change for somebody who has business with it. Throws NOT_FOUND for everybody else, INTEGRITY. */
export async function lookAtChange(
  tx: Transaction,
  deps: QueueDeps,
  under: DecidedUnder,
  id: string,
  meta: WriteMeta,
): Promise<LookedAt> {
  const ground = { catalogue: under.snapshot.catalogue, rowKey: deps.macKeys.rows };
  const pending = await findPending(tx, ground, id, 'look');
  if (!pending) throw new Fault('NOT_FOUND');
  const payload = await openPayload(tx, deps.payloadKeys, id, pending.revision);
  const decisions = await decisionsAbout(tx, ground, id);
  const writes = (await pendingWrites(tx, under, payload, meta.now)) ?? [];
  const signed = signaturesOn(deps, pending, payload, decisions);
  const demands = await demandsOn(tx, deps, groundOf(under, pending, meta), writes, payload, signed);
  await requireBusinessWith(tx, deps, under, pending, reviewOf(demands, signed), meta.now);
  const standing = await standingSignatures(tx, deps, under, signed, { payload, writes, now: meta.now });
  const review = reviewOf(
    demands,
    standing.map(({ decision }) => decision),
  );
  return { pending, payload, decisions, writes, review };
}
