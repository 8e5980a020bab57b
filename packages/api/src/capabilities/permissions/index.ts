/**
 * THE DESK OF THE POLICY: what keeps tables and published versions in step, and what tells people why.
 *
 * It promises that a row changed behind the gateway's back is reported and never becomes law, that every decision can be
 * explained to whom it concerns, and that an explanation shows nobody more than they may know: rules only to those who
 * may read them, records only within the scope, hidden names to no portal. It compares decisions with Casbin while the
 * gateway serves, and closes what differs. What a version is, and how one is published
 * and loaded, is in the snapshot folder. It owns no table.
 */
export { adoptCatalogue } from './adopt-catalogue';
export { withCheckMetrics } from './continuous-check/check-metrics';
export { ContinuousCheck } from './continuous-check/continuous-check';
export type { StartOracle } from './continuous-check/oracle-thread';
export { type Drift, findDrift } from './find-drift';
export { HistoricPolicies } from './historic-policies';
export { PermissionsResolver } from './permissions.resolver';
export { watchDrift } from './watch-drift';
