import type { Slot } from '@countersign/crypto';
import type { SqlRunner } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import { type AuditAction, entryMaker, type TraceContext, type TraceRow } from './trace-entry';
import { traceExpressions } from './trace-sql';

export interface AuditEvent extends Partial<TraceContext> {
  readonly action: Exclude<AuditAction, 'CREATE' | 'UPDATE' | 'DELETE'>;
  readonly at: Date;
  readonly object?: string | null;
  readonly recordId?: string | null;
  readonly code?: string | null;
  /** Facts about the event as `{name: [null, fact]}`: committed to, sealed and erased like the values of a change. */
  readonly slots?: Readonly<Record<string, Slot>>;
}

const NOBODY = { userId: null, personId: null, clientId: null, requestId: null, policyVersion: null, reason: null };

const SQL = `with ${traceExpressions('$1')} select count(*) from entries`;

/**
 * Writes one entry that is not a change of a record: a sign-in, a denial, a protected read, a publication. Within a
 * transaction it stands or falls with it; on a pool it is there when this returns. Throws AUDIT_UNAVAILABLE.
 */
export function writeEvent(on: SqlRunner, event: AuditEvent): Promise<void> {
  return writeEvents(on, [event]);
}

/** The same for several, all of them or none. */
export async function writeEvents(on: SqlRunner, events: readonly AuditEvent[]): Promise<void> {
  try {
    await on.query(SQL, [JSON.stringify(events.map(rowOf))]);
  } catch (error) {
    throw new Fault('AUDIT_UNAVAILABLE', { inside: error });
  }
}

function rowOf(event: AuditEvent): TraceRow {
  const { action, object = null, recordId = null, code = null, slots = {} } = event;
  return entryMaker({ ...NOBODY, ...event })({ action, object, recordId, code, slots });
}
