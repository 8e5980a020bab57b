import { PeopleAndAccounts } from './0001-people-and-accounts';
import { CatalogueAndContracts } from './0002-catalogue-and-contracts';
import { InvoicesAndPayments } from './0003-invoices-and-payments';
import { PolicyRecords } from './0004-policy-records';
import { AuthorityAndSignIn } from './0005-authority-and-sign-in';
import { AuditTables } from './0006-audit-tables';
import { OutsideTrace } from './0007-outside-trace';
import { GatewayGrants } from './0008-gateway-grants';
import { CellRules } from './0009-cell-rules';
import { AuditLog } from './0020-audit-log';
import { AuditRetention } from './0021-audit-retention';
import { AuditPlans } from './0022-audit-plans';
import { TraceHeader } from './0030-trace-header';
import { ReadingTheTrace } from './0031-reading-the-trace';
import { SystemEntries } from './0032-system-entries';
import { Approvals } from './0040-approvals';
import { BreakGlass } from './0050-break-glass';
import { ReviewersAndTotals } from './0056-reviewers-and-totals';

/**
 * Every migration, oldest first, for TypeORM's `migrations` option. Before they run, the session setting
 * `countersign.gateway_role` names the role that the gateway connects with; unset, the owner serves as the gateway.
 */
export const migrations = [
  PeopleAndAccounts,
  CatalogueAndContracts,
  InvoicesAndPayments,
  PolicyRecords,
  AuthorityAndSignIn,
  AuditTables,
  OutsideTrace,
  GatewayGrants,
  CellRules,
  AuditLog,
  AuditRetention,
  AuditPlans,
  TraceHeader,
  ReadingTheTrace,
  SystemEntries,
  Approvals,
  BreakGlass,
  ReviewersAndTotals,
];
