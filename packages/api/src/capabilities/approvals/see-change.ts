import type { Transaction } from '../../database/sql-runner';
import { rowsOf } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import type { WriteMeta } from '../../records/change';
import { ScopeStatement } from '../../records/scope-statement';
import { traceContext } from '../audit';
import type { QueueDeps } from './approvals-deps';
import { absentPeopleOf } from './approvers';
import { cellKey, visibleOf, withheldCells } from './check-sight';
import { groundOf } from './decide-change';
import { type DecisionRow, decisionsAbout, findPending, type PendingChangeRow } from './pending-change';
import { openPayload, type PendingPayload, payloadDigest } from './pending-payload';
import { pendingWrites } from './pending-writes';
import { rehearse } from './rehearse';
import { demandsOn, type Review, reviewOf, signaturesOn } from './review-change';
import { type ShownItem, shownItems } from './shown-items';
import { standingSignatures } from './signers-today';

/** A pending change as one person may see it. */
export interface SeenChange {
  readonly pending: PendingChangeRow;
  readonly digest: string;
  readonly items: readonly ShownItem[];
  readonly review: Review;
  readonly decisions: readonly DecisionRow[];
}

/** Ends the transaction of a look: whatever was written for it is undone. */
class Looked<T> extends Error {
  constructor(readonly value: T) {
    super('seen');
  }
}

/**
 * A pending change with old, proposed and current values, each by the field rights and the row scope of who looks; what
 * the set would make is written for the look and undone. Throws NOT_FOUND for a change that they have no business with.
 */
export async function seeChange(
  deps: QueueDeps,
  under: DecidedUnder,
  id: string,
  meta: WriteMeta,
): Promise<SeenChange> {
  try {
    return await deps.dataSource.transaction(async (tx: Transaction) => {
      throw new Looked(await look(tx, deps, under, id, meta));
    });
  } catch (error) {
    if (error instanceof Looked) return error.value as SeenChange;
    throw error;
  }
}

async function look(
  tx: Transaction,
  deps: QueueDeps,
  under: DecidedUnder,
  id: string,
  meta: WriteMeta,
): Promise<SeenChange> {
  const ground = { catalogue: under.snapshot.catalogue, rowKey: deps.macKeys.rows };
  const pending = await findPending(tx, ground, id, 'look');
  if (!pending) throw new Fault('NOT_FOUND');
  const payload = await openPayload(tx, deps.payloadKeys, id, pending.revision);
  const decisions = await decisionsAbout(tx, ground, id);
  const writes = (await pendingWrites(tx, under, payload, meta.now)) ?? [];
  const demands = await demandsOn(tx, deps, groundOf(under, pending, meta), writes, payload.rules);
  const signed = signaturesOn(deps, pending, payload, decisions);
  if (!(await hasBusinessWith(tx, deps, under, pending, reviewOf(demands, signed), meta.now))) {
    throw new Fault('NOT_FOUND');
  }
  const standing = await standingSignatures(tx, deps, under, signed, { payload, writes, now: meta.now });
  const review = reviewOf(
    demands,
    standing.map(({ decision }) => decision),
  );
  const present = writes.filter((write) => write.before !== null);
  const before = await visibleOf(tx, under, present);
  const withheld = await withheldCells(tx, under, present);
  const trace = traceContext(under, { ...meta, at: meta.now });
  const rehearsed = await rehearse(tx, deps, writes, trace, async () => {
    for (const cell of await withheldCells(tx, under, writes)) withheld.add(cell);
    return visibleOf(tx, under, writes);
  });
  const isMaker = pending.maker !== null && pending.maker === under.principal.values.personId;
  const after = rehearsed.kind === 'done' ? rehearsed.value : new Set<string>();
  const images = new Map(writes.map((write) => [write.change.id, write.before]));
  const mayShow = ({ verb, id: record }: PendingPayload['items'][number]) =>
    verb === 'create' ? isMaker || after.has(record) : before.has(record);
  // What nobody can tell, as it could not be tried out, is not shown.
  const mayShowCell = (record: string, member: string, object: string) =>
    !withheld.has(cellKey(record, member)) &&
    (rehearsed.kind === 'done' || !under.authority.cellRules(object).has(member));
  const items = shownItems(under, payload.items, images, mayShow, mayShowCell);
  return { pending, digest: payloadDigest(deps.payloadKeys, id, pending.revision, payload), items, review, decisions };
}

/**
 * Who made it, who may sign it or has, for themselves or somebody absent, and who may read such records anyway. Everybody
 * else learns no more than that there is nothing under this id.
 */
export async function hasBusinessWith(
  tx: Transaction,
  deps: Pick<QueueDeps, 'macKeys'>,
  under: DecidedUnder,
  pending: PendingChangeRow,
  { requirements, signatures }: Review,
  now: Date,
): Promise<boolean> {
  const { personId, clientId } = under.principal.values;
  if (personId === null) return clientId !== null && pending.makerClient === clientId;
  if (pending.maker === personId || signatures.some(({ person }) => person === personId)) return true;
  const standsFor = [personId, ...(await absentPeopleOf(tx, under.snapshot, deps.macKeys.rows, personId, now))];
  if (requirements.some(({ eligible }) => standsFor.some((person) => eligible.has(person)))) return true;
  return readsQueue(tx, under, pending.id);
}

/** The right to look at changes that one has no part in: seeing what is pending, and whose it is. */
async function readsQueue(tx: Transaction, under: DecidedUnder, id: string): Promise<boolean> {
  const { authority, snapshot, principal } = under;
  if (!readsAllPending(under)) return false;
  const statement = new ScopeStatement(snapshot.catalogue, principal.values);
  const ids = statement.ids([id]);
  const scope = statement.scope('PendingChange', 't', authority.readScope('PendingChange'));
  return (
    (await rowsOf(tx, `select 1 from pending_change t where t.id=any(${ids}) and ${scope}`, statement.values)).length >
    0
  );
}

/** Whoever sees why a change was asked for may look at those of others; staff only see that something waits. */
export function readsAllPending({ authority: { table } }: Pick<DecidedUnder, 'authority'>): boolean {
  return ['status', 'objectName', 'reason', 'maker'].every((field) => table.see('PendingChange', field) === 'clear');
}
