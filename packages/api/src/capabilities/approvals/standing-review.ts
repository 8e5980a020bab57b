import { maySign } from '@countersign/policy';
import type { Transaction } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import type { RecordWrite } from '../../records/change';
import type { QueueDeps } from './approvals-deps';
import { absentPeopleOf } from './approvers';
import { type DecisionRow, decisionsAbout, type PendingChangeRow } from './pending-change';
import { openPayload, type PendingPayload } from './pending-payload';
import { pendingWrites } from './pending-writes';
import { demandsOn, type Review, reviewOf, signaturesOn } from './review-change';
import { standingSignatures } from './signers-today';

/** A pending change with what is demanded of it at this moment and the signatures that stand. */
export interface StandingReview {
  readonly pending: PendingChangeRow;
  readonly payload: PendingPayload;
  /** None when one of the records is gone. */
  readonly writes: readonly RecordWrite[];
  readonly decisions: readonly DecisionRow[];
  /** Signatures over exactly this, whether they stand or not. */
  readonly signed: readonly DecisionRow[];
  readonly review: Review;
}

/** Puts together where a pending change stands, for whoever asks: nothing in it depends on their rights. */
export async function standingReview(
  tx: Transaction,
  deps: Pick<QueueDeps, 'macKeys' | 'payloadKeys'>,
  under: Pick<DecidedUnder, 'snapshot' | 'principal' | 'head'>,
  pending: PendingChangeRow,
  now: Date,
): Promise<StandingReview> {
  const { snapshot } = under;
  const payload = await openPayload(tx, deps.payloadKeys, pending.id, pending.revision);
  const writes = (await pendingWrites(tx, under, payload, now)) ?? [];
  const { level, levelSince, maker } = pending;
  const waiting = level === null || levelSince === null ? null : { level, since: new Date(levelSince) };
  const decisions = await decisionsAbout(tx, { catalogue: snapshot.catalogue, rowKey: deps.macKeys.rows }, pending.id);
  const signed = signaturesOn(deps, pending, payload, decisions);
  const counted = await standingSignatures(tx, deps, under, signed, { payload, writes, now });
  const stand = counted.map(({ decision }) => decision);
  const demands = await demandsOn(tx, deps, { snapshot, now, maker, waiting }, writes, payload, stand);
  return { pending, payload, writes, decisions, signed, review: reviewOf(demands, stand) };
}

/** Somebody, and the absent people for whom they may sign. */
export async function standsFor(
  tx: Transaction,
  deps: Pick<QueueDeps, 'macKeys'>,
  { snapshot, principal }: Pick<DecidedUnder, 'snapshot' | 'principal'>,
  now: Date,
): Promise<string[]> {
  const { personId } = principal.values;
  if (personId === null) return [];
  return [personId, ...(await absentPeopleOf(tx, snapshot, deps.macKeys.rows, personId, now))];
}

/** Whether a change waits for one person, who signs for themselves or for one of `people`. */
export function waitsFor(
  { pending, review: { requirements, signatures } }: StandingReview,
  personId: string | null,
  people: readonly string[],
): boolean {
  if (personId === null || pending.status !== 'PENDING') return false;
  const excluded = new Set(pending.maker === null ? [] : [pending.maker]);
  return people.some((person) => {
    const onBehalfOf = person === personId ? null : person;
    return typeof maySign(requirements, signatures, personId, onBehalfOf, excluded) === 'number';
  });
}
