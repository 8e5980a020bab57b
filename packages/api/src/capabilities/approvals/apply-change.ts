import type { Transaction } from '../../database/sql-runner';
import { Fault, type FaultCode } from '../../path/faults';
import { type DecidedUnder, madeIn, type Principal, type PrincipalFacts } from '../../path/rooms';
import { HeadMoved } from '../../path/under-head';
import { applyChanges } from '../../path/write-path';
import type { ChangeOutcome, Gate, RecordWrite, WriteMeta } from '../../records/change';
import { isConcurrencyFailure } from '../../records/explain-failure';
import { writeRecords } from '../../records/write-records';
import type { CurrentWorld, SnapshotStore } from '../../snapshot/snapshot-store';
import { loadUser, principalAt, withLentRights } from '../identity';
import { announceChange, announceWaiting } from './announce-change';
import type { QueueDeps } from './approvals-deps';
import { groundOf } from './decide-change';
import { decisionsAbout, findPending, type PendingChangeRow, updated } from './pending-change';
import { openPayload, type PendingPayload } from './pending-payload';
import { givenChanges, overtaken, pendingWrites, promisedId } from './pending-writes';
import { demandsOn, type Review, reviewOf, type Standing, signaturesOn, standingOf } from './review-change';
import { settleLatch } from './settle-latch';
import { standingSignatures, stillInSight } from './signers-today';

export interface ApplyDeps extends QueueDeps {
  readonly pool: Parameters<typeof loadUser>[0];
  readonly snapshots: SnapshotStore;
  readonly now: () => Date;
  /** Throws AUDIT_UNAVAILABLE while the log may not grow. */
  readonly requireLog: () => void;
}

/** The chain, looked at again when the change was to be applied, asks for more signatures. */
class StillWaits extends Error {
  constructor(
    readonly standing: Standing,
    readonly review: Review,
  ) {
    super('today’s rules ask for more');
  }
}

/** Somebody else has dealt with it, or it is not due. */
class NotDue extends Error {}

const MOST_ATTEMPTS = 6;

/**
 * Carries out an approved change whose day has come: as its maker, with the right that the maker has today and no wider
 * than their token was, and with every signature judged anew. Gives the status that it has then; a change that was
 * applied before stays so, whoever asks and however often.
 *
 * What cannot be carried out becomes CONFLICTED; what an outage prevents stays approved, and is tried again later.
 */
export async function applyPending(deps: ApplyDeps, id: string, requestId: string | null): Promise<void> {
  deps.requireLog();
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const meta: WriteMeta = { requestId, now: deps.now() };
    const world = await deps.snapshots.current();
    const ground = { catalogue: world.snapshot.catalogue, rowKey: deps.macKeys.rows };
    const pending = await findPending(deps.dataSource.manager, ground, id, 'look');
    if (pending?.status !== 'APPROVED' || !isDue(pending, meta.now)) return;
    try {
      const outcome = await attemptToApply(deps, world, pending, meta);
      if (outcome.kind === 'refused') await settle(deps, pending, meta, conflicted(outcome.userErrors.map(said)));
      return;
    } catch (error) {
      if (error instanceof NotDue) return;
      if (error instanceof HeadMoved) {
        await deps.snapshots.refresh();
        continue;
      }
      if (error instanceof StillWaits) return settle(deps, pending, meta, error.standing, error.review);
      if (!(error instanceof Fault)) throw error;
      if (isConcurrencyFailure(error.detail.inside)) continue;
      if (!FINAL.has(error.code)) throw error;
      return settle(deps, pending, meta, conflicted([error.detail.message ?? error.message]));
    }
  }
}

/** Refusals that asking again will not change. */
const FINAL: ReadonlySet<FaultCode> = new Set([
  'CONFLICT',
  'FORBIDDEN',
  'FIELD_FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
]);

const said = ({ field, message }: { field: readonly string[] | null; message: string }) =>
  `${field ? `${field.slice(2).join('.')}: ` : ''}${message}`;

async function attemptToApply(
  deps: ApplyDeps,
  { snapshot, head }: CurrentWorld,
  pending: PendingChangeRow,
  meta: WriteMeta,
): Promise<ChangeOutcome> {
  const { id } = pending;
  const payload = await openPayload(deps.dataSource.manager, deps.payloadKeys, id, pending.revision);
  const principal = await makerToday(deps, { snapshot, head }, pending, payload);
  const under: DecidedUnder = { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
  const gate = releasingGate(deps, pending, payload);
  const reason = `Pending change ${id}${pending.image.reason === null ? '' : `: ${String(pending.image.reason)}`}`;
  const { dataSource, macKeys } = deps;
  return applyChanges(
    { dataSource, macKeys, gate },
    under,
    { ...meta, reason: [...reason].slice(0, 500).join(''), newId: promisedId(payload) },
    givenChanges(snapshot.catalogue, payload),
  );
}

const isDue = ({ effectiveAt }: PendingChangeRow, now: Date) => effectiveAt === null || new Date(effectiveAt) <= now;

/**
 * The maker as they are today, no wider than the token that they asked with; what was lent to them counts only if they
 * asked under it, and only while it still is. Throws FORBIDDEN, HeadMoved.
 */
async function makerToday(
  { pool, macKeys, now }: ApplyDeps,
  { snapshot, head }: Pick<DecidedUnder, 'snapshot' | 'head'>,
  { makerUser }: PendingChangeRow,
  { scopes, grant }: PendingPayload,
): Promise<Principal> {
  const loaded =
    makerUser === null ? null : await loadUser(pool, snapshot.catalogue, macKeys.rows, makerUser, () => undefined);
  if (!loaded) throw new Fault('FORBIDDEN', { message: 'Who asked for it may not sign in any more.' });
  if (loaded.head.policyVersion !== head.policyVersion || loaded.head.peopleEpoch !== head.peopleEpoch) {
    throw new HeadMoved();
  }
  const { policyRecords } = snapshot;
  const own = principalAt(loaded, policyRecords, now, null);
  const maker = grant ? withLentRights(own, loaded, policyRecords, now, { grantId: grant }) : own;
  return madeIn<'identify', PrincipalFacts>({ ...maker, scopes });
}

/** Lets the change through if, on the locked records, everything that is demanded today was signed by who may sign. */
function releasingGate(deps: ApplyDeps, seen: PendingChangeRow, payload: PendingPayload): Gate {
  let pending: PendingChangeRow;
  return {
    latch: (tx, next, now) => settleLatch(tx, next, deps.macKeys.rows, now),

    async prepare(tx, { snapshot }, { now }) {
      const found = await findPending(
        tx,
        { catalogue: snapshot.catalogue, rowKey: deps.macKeys.rows },
        seen.id,
        'lock',
      );
      if (found?.status !== 'APPROVED' || found.revision !== seen.revision || !isDue(found, now)) throw new NotDue();
      pending = found;
    },

    async judge(tx, under, writes, meta) {
      const images = new Map(writes.map(({ change, before }) => [change.id, before]));
      const lost = overtaken(payload, await unchangedToo(images, payload, tx, under, meta));
      if (lost.length > 0) throw new Fault('CONFLICT', { message: overtakenText(lost) });
      const ground = groundOf(under, pending, meta);
      const about = await decisionsAbout(
        tx,
        { catalogue: under.snapshot.catalogue, rowKey: deps.macKeys.rows },
        pending.id,
      );
      const signed = signaturesOn(deps, pending, payload, about);
      const counted = await standingSignatures(tx, deps, under, signed, { payload, writes, now: meta.now });
      const stand = counted.map(({ decision }) => decision);
      const demands = await demandsOn(tx, deps, ground, writes, payload, stand);
      const requireAll = (counting: typeof counted) => {
        const review = reviewOf(
          demands,
          counting.map(({ decision }) => decision),
        );
        const standing = standingOf(review, ground.waiting, meta.now);
        if (standing.status !== 'APPROVED') throw new StillWaits(standing, review);
      };
      requireAll(counted);
      const { userId } = under.principal.values;
      const { catalogue } = under.snapshot;
      const change = updated(
        catalogue,
        'PendingChange',
        pending.image,
        { status: 'APPLIED' },
        { now: meta.now, userId },
      );
      return {
        kind: 'cleared',
        async settle(on, trace) {
          // What the set makes of the records must be in the signers' sight too.
          requireAll(await stillInSight(on, counted, writes));
          await writeRecords(on, [change], trace, deps.macKeys.rows);
          await announceChange(on, 'applied', { id: pending.id, revision: pending.revision }, { now: meta.now });
        },
      };
    },
  };
}

/** The set may hold changes that change nothing any more; what they were based on counts all the same. */
async function unchangedToo(
  images: ReadonlyMap<string, RecordWrite['before']>,
  payload: PendingPayload,
  tx: Transaction,
  under: DecidedUnder,
  { now }: WriteMeta,
): Promise<ReadonlyMap<string, RecordWrite['before']>> {
  const all = await pendingWrites(tx, under, payload, now);
  return new Map([...(all ?? []).map(({ change, before }) => [change.id, before] as const), ...images]);
}

function overtakenText(lost: ReturnType<typeof overtaken>): string {
  const places = lost.map(({ object, field }) => (field === null ? object : `${object}.${field}`));
  return `Changed since this was asked for: ${[...new Set(places)].join(', ')}`;
}

function conflicted(reasons: readonly string[]) {
  const outcome = [...(reasons.join('; ') || 'It could not be carried out.')].slice(0, 500).join('');
  return { status: 'CONFLICTED', level: null, levelSince: null, expiresAt: null, outcome } as const;
}

/** Writes down why it was not applied, unless it is no longer what was to be applied: a later revision, say. */
async function settle(
  deps: ApplyDeps,
  seen: PendingChangeRow,
  { now, requestId }: WriteMeta,
  image: Standing | ReturnType<typeof conflicted>,
  review: Review | null = null,
): Promise<void> {
  const { snapshot, head } = await deps.snapshots.current();
  const { catalogue } = snapshot;
  await deps.dataSource.transaction(async (tx: Transaction) => {
    const pending = await findPending(tx, { catalogue, rowKey: deps.macKeys.rows }, seen.id, 'lock');
    if (!pending || pending.image.version !== seen.image.version) return;
    const change = updated(catalogue, 'PendingChange', pending.image, { ...image }, { now, userId: null });
    await writeRecords(tx, [change], systemTrace(now, requestId, head.policyVersion), deps.macKeys.rows);
    const about = { id: pending.id, revision: pending.revision };
    if (image.status === 'CONFLICTED') await announceChange(tx, 'conflicted', about, { now });
    else if (review !== null) await announceWaiting(tx, 'level-opened', about, image, review, { now });
  });
}

/** The trace of what the gateway does by itself. */
export function systemTrace(at: Date, requestId: string | null, policyVersion: number) {
  return { at, userId: null, personId: null, clientId: null, requestId, policyVersion, reason: null };
}
