/**
 * THE TRACE: who did what, when, to which field.
 *
 * It promises that entries have one format from the first day, that a change and its trace are one statement, and that
 * what cannot be traced does not happen. It owns audit_entry, audit_value and audit_unsealed. It never changes or
 * removes an entry.
 */
export { FoldedTrace, type FoldKey } from './folded-trace';
export { GatheredReads, type ProtectedRead } from './gathered-reads';
export { noteDenials, noteRefusal } from './note-denials';
export { type TraceOccasion, traceContext, traceOfRequest } from './trace-context';
export {
  type AuditAction,
  type EntryMaker,
  entryMaker,
  type TraceContext,
  type TraceRow,
  type TraceSubject,
} from './trace-entry';
export { auditFault, traceExpressions } from './trace-sql';
export { type AuditEvent, writeEvent, writeEvents } from './write-event';
