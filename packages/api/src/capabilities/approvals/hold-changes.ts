import { randomId } from '@countersign/crypto';
import type { ApprovalRule } from '@countersign/policy';
import type { Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import type { Gate, GateVerdict, HeldChange, RecordWrite, WriteMeta } from '../../records/change';
import { writeRecords } from '../../records/write-records';
import type { TraceContext } from '../audit';
import { announceWaiting } from './announce-change';
import type { QueueDeps } from './approvals-deps';
import { created, findPending, type PendingChangeRow, updated } from './pending-change';
import { type PendingItem, type PendingPayload, storePayload } from './pending-payload';
import { pathEnds } from './requirements';
import { demandsOn, reviewOf, rulesInForce, standingOf, waitingFor } from './review-change';
import { rulesThatHold } from './rules-that-hold';
import { settleLatch } from './settle-latch';

/** What one person can look through before they sign. */
export const MOST_CHANGES_HELD = 1000;

/**
 * The gate of the write path: a change set that a rule matches becomes a pending change. Only what is judged here, on the
 * locked records and inside the transaction that would write them, counts.
 *
 * Open gates hold nothing, and neither do they hold the installation itself, which no request can become.
 */
export function holdingGate(deps: Omit<QueueDeps, 'dataSource'>): Gate {
  return {
    latch: (tx, next, now) => settleLatch(tx, next, deps.macKeys.rows, now),

    async prepare(tx, under, meta) {
      // Before any record: whoever applies a pending change takes its row first as well.
      if (meta.submission?.revises) await ownPending(tx, deps, under, meta.submission.revises);
    },

    async judge(tx, under, writes, meta): Promise<GateVerdict> {
      const { snapshot, principal } = under;
      if (principal.kind === 'installation') return { kind: 'cleared' };
      const { submission } = meta;
      const holding = await rulesThatHold(tx, snapshot, rulesInForce(snapshot, meta.now), writes, meta.now);
      const waits = submission?.effectiveAt && submission.effectiveAt > meta.now;
      if (holding.length === 0 && !waits && !submission?.revises) return { kind: 'cleared' };
      if (writes.length === 0) {
        // To let it pass would leave what was pending as it was, to be signed and applied.
        if (submission?.revises) throw new Fault('BAD_USER_INPUT', { message: NOTHING_LEFT });
        return { kind: 'cleared' };
      }
      if (writes.length > MOST_CHANGES_HELD) {
        const message = `A change set that has to wait for others has at most ${MOST_CHANGES_HELD} changes.`;
        throw new Fault('BAD_USER_INPUT', { message });
      }
      const heldBy = holding.map(({ rule }) => rule);
      return { kind: 'held', submit: (tx, trace) => submit(tx, deps, under, writes, heldBy, meta, trace) };
    },
  };
}

const NOTHING_LEFT = 'This would change nothing. Withdraw the pending change instead.';

/** The caller's own pending change, locked. Throws NOT_FOUND, and ALREADY_DECIDED when it was applied. */
async function ownPending(
  tx: Transaction,
  deps: Omit<QueueDeps, 'dataSource'>,
  { snapshot, principal }: DecidedUnder,
  id: string,
): Promise<PendingChangeRow> {
  const found = await findPending(tx, { catalogue: snapshot.catalogue, rowKey: deps.macKeys.rows }, id, 'lock');
  const { personId, clientId } = principal.values;
  const own = found && (personId === null ? found.makerClient === clientId : found.maker === personId);
  if (!found || !own || (personId === null && clientId === null)) throw new Fault('NOT_FOUND');
  if (found.status === 'APPLIED') throw new Fault('ALREADY_DECIDED');
  return found;
}

async function submit(
  tx: Transaction,
  deps: Omit<QueueDeps, 'dataSource'>,
  under: DecidedUnder,
  writes: readonly RecordWrite[],
  heldBy: readonly ApprovalRule[],
  meta: WriteMeta,
  trace: TraceContext,
): Promise<HeldChange> {
  const { snapshot, principal } = under;
  const { catalogue } = snapshot;
  const { now, reason = null, submission } = meta;
  const revised = submission?.revises ? await ownPending(tx, deps, under, submission.revises) : null;
  const effectiveAt = submission?.effectiveAt?.toISOString() ?? null;
  const { personId: maker, userId: makerUser, clientId: makerClient } = principal.values;
  const ground = { snapshot, now, maker, waiting: null };
  const demands = await demandsOn(tx, deps, ground, writes, { rules: heldBy }, []);
  const payload: PendingPayload = {
    items: writes.map(itemOf),
    scopes: principal.scopes,
    ...(principal.lent ? { grant: principal.lent.grantId } : {}),
    rules: heldBy,
    ends: pathEnds(demands.requirements),
    effectiveAt,
    askedAt: now.toISOString(),
  };
  const review = reviewOf(demands, []);
  const standing = standingOf(review, null, now);
  const revision = (revised?.revision ?? 0) + 1;
  const image = {
    ...standing,
    objectName: writes[0]!.change.object.name,
    reason,
    maker,
    makerUser,
    makerClient,
    revision,
    effectiveAt,
    askedAt: now.toISOString(),
  };
  const by = { now, userId: makerUser ?? makerClient };
  const write = revised
    ? updated(catalogue, 'PendingChange', revised.image, image, by)
    : created(catalogue, 'PendingChange', image, { ...by, id: randomId(now.getTime()) });
  await writeRecords(tx, [write], trace, deps.macKeys.rows);
  await storePayload(tx, deps.payloadKeys, write.change.id, revision, payload);
  await announceWaiting(tx, 'submitted', { id: write.change.id, revision }, standing, review, { now, author: maker });
  return { id: write.change.id, status: standing.status, waitingFor: waitingFor(review) };
}

/** What is asked for, and what it was based on: the version and the values that it would replace. */
function itemOf({ change, before }: RecordWrite): PendingItem {
  const { verb, object, id, values, given } = change;
  const touched = verb === 'update' ? Object.fromEntries(given.map((name) => [name, before?.[name] ?? null])) : {};
  const base = before === null ? null : { version: Number(before.version), values: touched };
  return { verb, object: object.name, id, values, given, base };
}
