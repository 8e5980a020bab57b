import { SqlMigration } from './sql-migration';

/**
 * The functions of the log go by index, whatever the planner believes. A session keeps the plans that it made while the
 * log was small, and what was right for a thousand entries is a scan of everything, many times over, for a million.
 */
export class AuditPlans extends SqlMigration {
  readonly name = 'AuditPlans0000000000022';
  protected readonly sql = `
alter function audit_root(bigint) set enable_seqscan = off;
alter function seal_audit_queue(integer) set enable_seqscan = off;
alter function seal_audit_queue(integer) set enable_hashjoin = off;
alter function seal_audit_queue(integer) set enable_mergejoin = off;
alter function prune_audit_values(timestamptz, integer) set enable_seqscan = off;
`;
}
