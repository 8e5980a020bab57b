/**
 * THE TRACE: who did what, when, to which field; and the log that proves it.
 *
 * It promises that entries have one format from the first day, that a change and its trace are one statement, that
 * what cannot be traced does not happen, and that entries which a head covers cannot be changed, removed or reordered
 * without anybody noticing. It owns audit_entry, audit_value, audit_unsealed, audit_log, audit_leaf, audit_node and
 * audit_head. It never changes or removes an entry.
 */

export { startWitness, type WitnessOptions } from './anchors/witness-server';
export { AuditResolver } from './audit.resolver';
export { type AuditDesk, type LogSettings, openAuditDesk } from './audit-desk';
export { auditMetrics } from './audit-metrics';
export { AuditProofsResolver } from './audit-proofs.resolver';
export { type ExportLine, exportLines } from './export/export-lines';
export { ocsfEvent } from './export/ocsf-event';
export { FoldedTrace, type FoldKey } from './folded-trace';
export { GatheredReads, type ProtectedRead } from './gathered-reads';
export type { AuditGate } from './log/audit-gate';
export type { LogFigures } from './log/log-keeper';
export { sealCheckpoint } from './log/seal-checkpoint';
export { StoredTree } from './log/stored-tree';
export { type HeadLine, headLine } from './log/tree-head';
export { noteDenials, noteRefusal } from './note-denials';
export { OperationsRecord, type OperationsRecordDeps } from './operations-record';
export { pruneValues } from './prune-values';
export { lookKey, type TraceOccasion, traceContext, traceOfRequest } from './trace-context';
export {
  type AuditAction,
  type EntryMaker,
  entryMaker,
  type TraceContext,
  type TraceRow,
  type TraceSubject,
} from './trace-entry';
export { auditFault, traceExpressions } from './trace-sql';
export type { Finding } from './verify/finding';
export { type AuditVerification, verifyAudit } from './verify/verify-audit';
export { type AuditEvent, writeEvent, writeEvents } from './write-event';
