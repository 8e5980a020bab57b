/**
 * APPROVALS: no sensitive change without a second person.
 *
 * It promises that a change which a rule matches is judged on the locked records and then waits; that it is applied once,
 * as its maker, when everything that is demanded at that moment was signed by distinct people who may sign at that
 * moment; and that whoever looks sees no more of it than their own rights show. The meaning of rules is in
 * packages/policy. It owns pending_change, pending_payload, approval_decision and approval_delegation. It never writes a
 * record of another object but through the write path.
 */
export { type ApplyDeps, applyPending, systemTrace } from './apply-change';
export { ApprovalsResolver } from './approvals.resolver';
export type { QueueDeps } from './approvals-deps';
export { holdersOf } from './approvers';
export { holdingGate, MOST_CHANGES_HELD } from './hold-changes';
export { keepQueue, passTime } from './keep-queue';
export { LiveBoxes } from './live-boxes';
export { eventsOf, LiveBoxesResolver } from './live-boxes.resolver';
export { openGates } from './open-gates';
export { created, updated } from './pending-change';
export { PendingFeed } from './pending-feed';
export { queueTopic } from './queue-topic';
export { SECURITY_ADMIN } from './settle-latch';
