import { maySign } from '@countersign/policy';
import type { Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { confirmHead } from '../../records/authority-head';
import type { RecordWrite, WriteMeta } from '../../records/change';
import { forbidOwnRights } from '../../records/own-rights';
import { writeRecords } from '../../records/write-records';
import { traceContext } from '../audit';
import { announceChange, announceWaiting } from './announce-change';
import type { QueueDeps } from './approvals-deps';
import { absentPeopleOf } from './approvers';
import { recordsInSight, requireClearSight } from './check-sight';
import {
  created,
  type DecisionRow,
  decisionsAbout,
  findPending,
  type PendingChangeRow,
  updated,
} from './pending-change';
import { namesPayload, openPayload, type PendingPayload } from './pending-payload';
import { overtaken, pendingWrites } from './pending-writes';
import { rehearse } from './rehearse';
import { demandsOn, type Review, reviewOf, signaturesOn, standingOf } from './review-change';
import { standingSignatures } from './signers-today';

export interface Decision {
  readonly id: string;
  readonly kind: 'APPROVE' | 'REJECT';
  /** What the decider saw. */
  readonly digest: string;
  readonly comment: string | null;
  /** The absent person for whom they sign. */
  readonly onBehalfOf: string | null;
}

/**
 * Signs or rejects a pending change; gives the status that it has then. Approved means that all have signed, not that
 * it was applied.
 *
 * Throws NOT_FOUND, ALREADY_DECIDED, CONFLICT (the digest is not that of what is pending, or it was overtaken),
 * FORBIDDEN, CANNOT_SEE_CHANGE; HeadMoved asks to decide anew.
 */
export async function decideChange(
  deps: QueueDeps,
  under: DecidedUnder,
  decision: Decision,
  meta: WriteMeta,
): Promise<{ readonly status: PendingChangeRow['status'] }> {
  return deps.dataSource.transaction(async (tx: Transaction) => {
    const given = await underReview(tx, deps, under, decision, meta);
    const { pending, payload, writes } = given;
    const { personId } = under.principal.values;
    const { maker, onBehalfOf } = { maker: pending.maker, onBehalfOf: decision.onBehalfOf };
    const makers = new Set([pending.maker].filter((one) => one !== null));
    if (personId === null) throw new Fault('FORBIDDEN', { because: 'maker-checker', message: PERSONS_ONLY });
    if (under.principal.lent) throw new Fault('FORBIDDEN', { because: 'maker-checker', message: NOT_UNDER_LENT });
    if (
      onBehalfOf !== null &&
      !(await absentPeopleOf(tx, under.snapshot, deps.macKeys.rows, personId, meta.now)).has(onBehalfOf)
    ) {
      throw new Fault('FORBIDDEN', { because: 'maker-checker', message: 'You do not sign for this person.' });
    }
    // A user of the maker's by any other name, and whoever acts for the maker, is the maker.
    if (makers.has(personId) || (onBehalfOf !== null && makers.has(onBehalfOf))) {
      throw new Fault('FORBIDDEN', {
        because: 'maker-checker',
        message: 'Nobody decides about a change of their own.',
      });
    }
    requireClearSight(under, payload);
    await requireRecordsInSight(tx, deps, under, given, decision, meta);
    await forbidOwnRights(tx, under, writes);

    const ground = groundOf(under, pending, meta);
    const all = signaturesOn(deps, pending, payload, given.decisions);
    const standing = await standingSignatures(tx, deps, under, all, { payload, writes, now: meta.now });
    const signed = standing.map((one) => one.decision);
    const demands = await demandsOn(tx, deps, ground, writes, payload, signed);
    const review = reviewOf(demands, signed);
    const level = levelToSign(review, { personId, onBehalfOf, maker });
    const by = { now: meta.now, userId: under.principal.values.userId };
    const { catalogue } = under.snapshot;
    const entry = created(catalogue, 'ApprovalDecision', decisionImage(under, pending, decision, level), by);
    const afterwards = decision.kind === 'REJECT' ? null : reviewAfter(demands, signed, entry);
    const after = afterwards === null ? rejected(decision) : standingOf(afterwards, ground.waiting, ground.now);
    const change = updated(catalogue, 'PendingChange', pending.image, { ...after }, by);
    const context = traceContext(under, { ...meta, at: meta.now });
    // Who signs for somebody absent is on the entry itself, where collectors and auditors look for it.
    const trace = onBehalfOf === null ? context : { ...context, onBehalfOf };
    await writeRecords(tx, [entry, change], trace, deps.macKeys.rows);
    const { id, revision } = pending;
    const told = { now: meta.now, author: personId };
    await announceChange(tx, decision.kind === 'REJECT' ? 'rejected' : 'signed', { id, revision }, told);
    if (afterwards !== null && after.status === 'PENDING' && after.level !== pending.level) {
      await announceWaiting(tx, 'level-opened', { id, revision }, after, afterwards, told);
    }
    await confirmHead(tx, under);
    return { status: after.status };
  });
}

const PERSONS_ONLY = 'Only a person can agree to a change.';
const NOT_UNDER_LENT = 'Nobody decides while rights are lent to them: end your break-glass first.';

interface UnderReview {
  readonly pending: PendingChangeRow;
  readonly payload: PendingPayload;
  readonly decisions: readonly DecisionRow[];
  readonly writes: readonly RecordWrite[];
}

/** The pending change, locked, and still what the decider saw. */
async function underReview(
  tx: Transaction,
  deps: QueueDeps,
  under: DecidedUnder,
  decision: Decision,
  meta: WriteMeta,
): Promise<UnderReview> {
  const ground = { catalogue: under.snapshot.catalogue, rowKey: deps.macKeys.rows };
  const pending = await findPending(tx, ground, decision.id, 'lock');
  if (!pending) throw new Fault('NOT_FOUND');
  if (pending.status !== 'PENDING') throw new Fault('ALREADY_DECIDED');
  // Its time is out, although nobody has written that down yet.
  if (pending.expiresAt !== null && new Date(pending.expiresAt) <= meta.now) throw new Fault('ALREADY_DECIDED');
  const payload = await openPayload(tx, deps.payloadKeys, pending.id, pending.revision);
  if (!namesPayload(deps.payloadKeys, pending.id, pending.revision, payload, decision.digest)) {
    throw new Fault('CONFLICT', { message: 'The change is no longer the one that you saw.' });
  }
  // What cannot be carried out any more, as a record is gone, can still be turned down.
  const writes = await pendingWrites(tx, under, payload, meta.now);
  const images = new Map((writes ?? []).map(({ change, before }) => [change.id, before]));
  if (decision.kind === 'APPROVE' && (!writes || overtaken(payload, images).length > 0)) {
    throw new Fault('CONFLICT', { message: 'The records have changed since this was asked for.' });
  }
  return { pending, payload, decisions: await decisionsAbout(tx, ground, pending.id), writes: writes ?? [] };
}

/** Records that the decider may not read are none of theirs to decide about: as they are, and as they would be. */
async function requireRecordsInSight(
  tx: Transaction,
  deps: QueueDeps,
  under: DecidedUnder,
  { writes }: UnderReview,
  { kind }: Decision,
  meta: WriteMeta,
): Promise<void> {
  const present = writes.filter(({ before }) => before !== null);
  if (!(await recordsInSight(tx, under, present))) throw new Fault('CANNOT_SEE_CHANGE');
  const after = writes.filter((write) => write.after !== null);
  const rehearsed = await rehearse(tx, deps, writes, traceContext(under, { ...meta, at: meta.now }), () =>
    recordsInSight(tx, under, after),
  );
  if (rehearsed.kind === 'done' && !rehearsed.value) throw new Fault('CANNOT_SEE_CHANGE');
  if (rehearsed.kind === 'failed' && kind === 'APPROVE') {
    throw new Fault('CONFLICT', { message: 'The change could not be carried out as things are.' });
  }
}

export function groundOf(under: Pick<DecidedUnder, 'snapshot'>, pending: PendingChangeRow, { now }: WriteMeta) {
  const { level, levelSince, maker } = pending;
  const waiting = level === null || levelSince === null ? null : { level, since: new Date(levelSince) };
  return { snapshot: under.snapshot, now, maker, waiting };
}

function levelToSign(
  review: Review,
  { personId, onBehalfOf, maker }: { personId: string; onBehalfOf: string | null; maker: string | null },
): number {
  const excluded = new Set(maker === null ? [] : [maker]);
  const answer = maySign(review.requirements, review.signatures, personId, onBehalfOf, excluded);
  if (typeof answer === 'number') return answer;
  if (answer === 'signed-before') throw new Fault('ALREADY_DECIDED', { message: 'You have signed this change.' });
  throw new Fault('FORBIDDEN', { because: 'maker-checker', message: 'This change does not wait for you.' });
}

function decisionImage(under: DecidedUnder, pending: PendingChangeRow, decision: Decision, level: number) {
  const { personId, userId } = under.principal.values;
  return {
    pendingChange: pending.id,
    revision: pending.revision,
    kind: decision.kind,
    level,
    person: personId,
    userId,
    onBehalfOf: decision.onBehalfOf,
    comment: decision.comment,
    digest: decision.digest,
  };
}

function rejected({ comment }: Decision) {
  const outcome = comment === null ? null : [...comment].slice(0, 500).join('');
  return { status: 'REJECTED', level: null, levelSince: null, expiresAt: null, outcome } as const;
}

/** Where the chain stands with one more signature. */
function reviewAfter(
  demands: Parameters<typeof reviewOf>[0],
  signed: readonly DecisionRow[],
  entry: RecordWrite,
): Review {
  const signature = { ...(entry.after as object) } as unknown as DecisionRow;
  return reviewOf(demands, [...signed, signature]);
}
