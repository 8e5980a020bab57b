import type { Transaction } from '../../database/sql-runner';
import type { RecordWrite } from '../../records/change';
import { writeRecords } from '../../records/write-records';
import type { TraceContext } from '../audit';
import type { QueueDeps } from './approvals-deps';

/** A preview may hold up nobody for long, and may not run for long itself. */
const LIMITS = `set local lock_timeout='400ms'; set local statement_timeout='4s'`;

/** What a rehearsal gave; `failed`: the change set could not be carried out as things are. */
export type Rehearsed<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed' };

/**
 * Writes records, looks at what came of it, and undoes it all. What the database refuses undoes it as well and is told as
 * `failed`; the transaction goes on either way.
 */
export async function rehearse<T>(
  tx: Transaction,
  { macKeys }: Pick<QueueDeps, 'macKeys'>,
  writes: readonly RecordWrite[],
  trace: TraceContext,
  look: () => Promise<T>,
): Promise<Rehearsed<T>> {
  await tx.query('savepoint rehearsal');
  let outcome: Rehearsed<T>;
  try {
    for (const limit of LIMITS.split('; ')) await tx.query(limit);
    const real = writes.filter(({ before, after }) => before !== after);
    await writeRecords(tx, real, trace, macKeys.rows);
    outcome = { kind: 'done', value: await look() };
  } catch {
    outcome = { kind: 'failed' };
  }
  await tx.query('rollback to savepoint rehearsal');
  await tx.query('release savepoint rehearsal');
  return outcome;
}
