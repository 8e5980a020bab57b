import { auditFault, type TraceContext, traceContext } from '../capabilities/audit';
import type { Transaction } from '../database/sql-runner';
import { Fault, type FaultCode } from '../path/faults';
import type { DecidedUnder, Head } from '../path/rooms';
import { HeadMoved } from '../path/under-head';
import { confirmHead, lockHead } from './authority-head';
import {
  type CarryOutDeps,
  type ChangedRecord,
  type ChangeOutcome,
  type DecidedChanges,
  type RecordWrite,
  Refused,
  type WriteMeta,
} from './change';
import { databaseErrorOf, explainFailure, isConcurrencyFailure, isOutage } from './explain-failure';
import { lockRecords } from './lock-records';
import { forbidOwnRights } from './own-rights';
import { changesRights, forbidDrift, publishChanges } from './publish-changes';
import { misfits, recordWrites } from './record-changes';
import { requireCells } from './require-cells';
import { missingReferences } from './require-references';
import { requireWriteScope } from './require-write-scope';
import { endWithRights } from './rights-end';
import { writeMoment } from './write-moment';
import { RunFailed, writeRecords } from './write-records';

/**
 * Carries out a change set in one transaction: all of it with its trace, or nothing.
 *
 * Throws HeadMoved when rights have changed since the set was decided; NOT_FOUND, CONFLICT, FORBIDDEN, INTEGRITY,
 * AUDIT_UNAVAILABLE as faults. What only the database could tell about the input comes back as `refused`.
 */
export async function carryOut(
  deps: CarryOutDeps,
  under: DecidedUnder,
  decided: DecidedChanges,
  meta: WriteMeta,
): Promise<ChangeOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await deps.dataSource.transaction((manager) => inTransaction(manager, deps, under, decided, meta));
    } catch (error) {
      if (error instanceof HeadMoved) throw error;
      const failure = error instanceof RunFailed ? error.failure : error;
      if (attempt === 1 && isConcurrencyFailure(failure)) continue;
      const answer = await answerTo(deps, under, decided, error, failure);
      // A refusal tells something about records too: whoever has lost their rights meanwhile must not learn it.
      if (!(answer instanceof Fault) || !FAILURES.has(answer.code)) {
        await confirmHead(deps.dataSource.manager, under);
      }
      if (answer instanceof Fault) throw answer;
      return answer;
    }
  }
}

/** Faults that say nothing about any record, and under which the head may well be out of reach. */
const FAILURES: ReadonlySet<FaultCode> = new Set(['AUDIT_UNAVAILABLE', 'POLICY_UNAVAILABLE', 'INTERNAL']);

/** What to answer once the transaction has been undone. Throws what is no failure of a transaction. */
async function answerTo(
  deps: CarryOutDeps,
  under: DecidedUnder,
  decided: DecidedChanges,
  error: unknown,
  failure: unknown,
): Promise<ChangeOutcome | Fault> {
  if (error instanceof Refused) return { kind: 'refused', userErrors: error.userErrors };
  if (error instanceof Fault) return error;
  if (isConcurrencyFailure(failure)) return new Fault('CONFLICT', { inside: failure });
  if (isOutage(failure)) throw failure;
  if (error instanceof RunFailed) {
    return { kind: 'refused', userErrors: await explainFailure(deps.dataSource, under, error, decided) };
  }
  if (databaseErrorOf(failure)) return auditFault(failure) ?? new Fault('INTERNAL', { inside: failure });
  throw error;
}

async function inTransaction(
  tx: Transaction,
  deps: CarryOutDeps,
  under: DecidedUnder,
  { changes, references }: DecidedChanges,
  given: WriteMeta,
): Promise<ChangeOutcome> {
  await deps.gate.prepare?.(tx, under, given);
  const rights = changesRights(changes);
  if (rights) await lockHead(tx, under.head);
  const locked = await lockRecords(tx, under, deps.macKeys.rows, changes);
  await requireCells(tx, under, changes, 'before');
  const meta = { ...given, now: writeMoment(given.now, locked) };
  const writes = recordWrites(under, changes, locked, meta);
  await forbidOwnRights(tx, under, writes);
  forbidDrift(under, writes);
  const userErrors = [...misfits(under, writes), ...(await missingReferences(tx, under, references))];
  if (userErrors.length > 0) throw new Refused(userErrors);

  const real = writes.filter(({ before, after }) => before !== after);
  const trace = traceContext(under, { ...meta, at: meta.now });
  const carry = async (): Promise<Head> => {
    await writeRecords(tx, real, trace, deps.macKeys.rows);
    // Changes that change nothing as well: their answer must not depend on the values that they did not find.
    await requireWriteScope(tx, under, writes);
    await requireCells(tx, under, changes, 'after');
    return settleHead(tx, deps, under, real, trace);
  };
  const verdict = await deps.gate.judge(tx, under, real, meta);
  if (verdict.kind === 'held') {
    // What could not be carried out is refused now, not when others have spent their time on it.
    await undone(tx, carry);
    const held = await verdict.submit(tx, trace);
    await confirmHead(tx, under);
    return { kind: 'held', held, records: writes.map(recordAsItStands) };
  }
  const head = await carry();
  await verdict.settle?.(tx, trace);
  await endWithRights(tx, under);
  return { kind: 'applied', records: writes.map(changedRecord), head };
}

/** Runs something and undoes it. What it throws ends the transaction as ever. */
export async function undone(tx: Transaction, run: () => Promise<unknown>): Promise<void> {
  await tx.query('savepoint rehearsal');
  await run();
  await tx.query('rollback to savepoint rehearsal');
  await tx.query('release savepoint rehearsal');
}

/** Moves the head if rights have changed; otherwise makes sure that it still is where it was. */
async function settleHead(
  tx: Transaction,
  deps: CarryOutDeps,
  under: DecidedUnder,
  writes: readonly RecordWrite[],
  trace: TraceContext,
): Promise<Head> {
  if (changesRights(writes.map(({ change }) => change))) return publishChanges(tx, deps, under, writes, trace);
  await confirmHead(tx, under);
  return under.head;
}

/** A held change leaves the record as it is; one that was to be created is not there. */
function recordAsItStands({ change, before }: RecordWrite): ChangedRecord {
  const { verb, object, id } = change;
  return { verb, object: object.name, id, version: before === null ? null : Number(before.version) };
}

function changedRecord({ change, after }: RecordWrite): ChangedRecord {
  const { verb, object, id } = change;
  return { verb, object: object.name, id, version: after === null ? null : Number(after.version) };
}
