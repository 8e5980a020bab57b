import type { MacKey, Slot } from '@countersign/crypto';
import { type CatalogueObject, type GenericVerb, storedMembers } from '@countersign/schema';
import { auditFault, type EntryMaker, entryMaker, type TraceContext } from '../capabilities/audit';
import type { RecordImage } from '../database/record-image';
import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { RecordWrite } from './change';
import { sameValue } from './record-changes';
import { rowMac } from './row-mac';
import { deleteStatement, insertStatement, updateStatement } from './write-statements';

/** Records a statement: enough to make the round trip cheap, few enough to keep its parameters small. */
const MOST_IN_A_RUN = 1000;

/** Neighbouring changes that one statement carries out. */
export interface WriteRun {
  readonly object: CatalogueObject;
  readonly verb: GenericVerb;
  /** Members that an update sets; empty for the other verbs. */
  readonly changed: readonly string[];
  readonly writes: readonly RecordWrite[];
}

/** A statement of a run failed. The transaction is over; what the database said is inside. */
export class RunFailed extends Error {
  constructor(
    readonly run: WriteRun,
    readonly failure: unknown,
  ) {
    super('A statement failed');
    this.name = 'RunFailed';
  }
}

/**
 * Writes the records in the order of the set, each statement together with its trace.
 * Throws RunFailed, and AUDIT_UNAVAILABLE when it is the trace that cannot be written.
 */
export async function writeRecords(
  tx: Transaction,
  writes: readonly RecordWrite[],
  context: TraceContext,
  rowMacKey: MacKey,
): Promise<void> {
  const entryOf = entryMaker(context);
  // One statement is prepared while the database works on the one before it.
  let before: Promise<void> = Promise.resolve();
  for (const run of runsOf(writes)) {
    const values = parametersOf(run, entryOf, rowMacKey);
    await before;
    before = writeRun(tx, run, values);
    // Awaited below or in the next round; until then a failure must not count as nobody's.
    before.catch(() => undefined);
  }
  await before;
}

async function writeRun(tx: Transaction, run: WriteRun, values: string[]): Promise<void> {
  let rows: { n: number }[];
  try {
    rows = await rowsOf<{ n: number }>(tx, textOf(run), values);
  } catch (error) {
    throw auditFault(error) ?? new RunFailed(run, error);
  }
  // All of them are locked or new: anything else means that the trace would not be true.
  if (rows[0]?.n !== run.writes.length) {
    throw new Fault('INTERNAL', { inside: 'a statement wrote other records than it should' });
  }
}

function parametersOf({ object, verb, writes }: WriteRun, entryOf: EntryMaker, rowMacKey: MacKey): string[] {
  const images = writes.map(({ before, after }) => {
    if (after === null || !object.authenticated) return after ?? { id: before!.id };
    return { ...after, _mac: rowMac(rowMacKey, object, after).toString('base64') };
  });
  const entries = writes.map(({ change, before, after }) =>
    entryOf({ action: ACTIONS[verb], object: object.name, recordId: change.id, slots: slotsOf(object, before, after) }),
  );
  return [JSON.stringify(images), JSON.stringify(entries)];
}

const ACTIONS = { create: 'CREATE', update: 'UPDATE', delete: 'DELETE' } as const;

function textOf({ object, verb, changed }: WriteRun): string {
  switch (verb) {
    case 'create':
      return insertStatement(object);
    case 'update':
      return updateStatement(object, changed);
    case 'delete':
      return deleteStatement(object);
  }
}

/** `{member: [old, new]}` for every stored member whose value differs; a record that does not exist counts as null. */
export function slotsOf(
  object: CatalogueObject,
  before: RecordImage | null,
  after: RecordImage | null,
): Record<string, Slot> {
  const slots: Record<string, Slot> = {};
  for (const { name } of storedMembers(object)) {
    const old = before?.[name] ?? null;
    const now = after?.[name] ?? null;
    if (!sameValue(old, now)) slots[name] = [old, now];
  }
  return slots;
}

function runsOf(writes: readonly RecordWrite[]): WriteRun[] {
  const runs: { object: CatalogueObject; verb: GenericVerb; changed: string[]; writes: RecordWrite[] }[] = [];
  for (const write of writes) {
    const { object, verb } = write.change;
    const changed = verb === 'update' ? Object.keys(slotsOf(object, write.before, write.after)) : [];
    const last = runs.at(-1);
    if (last && fits(last, object, verb, changed)) last.writes.push(write);
    else runs.push({ object, verb, changed, writes: [write] });
  }
  return runs;
}

function fits(run: WriteRun, object: CatalogueObject, verb: GenericVerb, changed: readonly string[]): boolean {
  if (run.object !== object || run.verb !== verb || run.writes.length >= MOST_IN_A_RUN) return false;
  // One by one, so that a record which is still in use can be named.
  if (verb === 'delete') return false;
  return run.changed.join() === changed.join();
}
