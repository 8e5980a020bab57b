import { isUuid, objectOf } from '@countersign/schema';
import type { Pool } from 'pg';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { mayReadAllTraces, requireTraceReader, showsHeader, TRACE_OBJECT } from './trace-right';
import { TraceStatement } from './trace-statement';

/** An entry with what a proof is about; position and hash are null while it waits for its place. */
export interface ProvableEntry {
  readonly position: number | null;
  /** Hexadecimal. */
  readonly leafHash: string | null;
  readonly header: string;
  /** Base64. */
  readonly commitments: string;
}

/** Members of an entry that its header does not hold: they are made from others, or are not of the entry itself. */
const NOT_IN_THE_HEADER = new Set(['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy', 'changes']);

/**
 * Throws FORBIDDEN or FIELD_FORBIDDEN for everybody to whom a header would tell more than the audit log itself does: it
 * names every field that was changed, so it is for those who may read all traces and every member of an entry.
 */
export function requireProver(under: DecidedUnder): void {
  requireTraceReader(under);
  if (!mayReadAllTraces(under)) {
    throw new Fault('FORBIDDEN', { coordinate: `${TRACE_OBJECT}.changes`, action: 'SEE' });
  }
  for (const { name } of objectOf(under.snapshot.catalogue, TRACE_OBJECT).members) {
    if (NOT_IN_THE_HEADER.has(name) || showsHeader(under, name)) continue;
    throw new Fault('FIELD_FORBIDDEN', { coordinate: `${TRACE_OBJECT}.${name}`, action: 'SEE' });
  }
}

/** The entry, when it lies in what the caller may read of the log. Throws NOT_FOUND for others and missing ones alike. */
export async function proveEntry(pool: Pool, under: DecidedUnder, id: string): Promise<ProvableEntry> {
  requireProver(under);
  if (!isUuid(id)) throw new Fault('NOT_FOUND');
  const statement = new TraceStatement(under);
  const { traceScope } = under.authority;
  const within = traceScope.kind === 'always' ? 'true' : statement.scope(TRACE_OBJECT, 'e', traceScope);
  const found = await statement.json<ProvableEntry | null>(
    pool,
    `select json_build_object('position', l.position, 'leafHash', encode(l.hash, 'hex'), 'header', a.header,
       'commitments', translate(encode(a.commitments, 'base64'), E'\\n', ''))
     from audit_trace e join audit_entry a on a.id = e.id left join audit_leaf l on l.entry_id = e.id
     where e.id = ${statement.value(id, 'uuid')} and ${within}`,
  );
  if (found === null) throw new Fault('NOT_FOUND');
  return found;
}
