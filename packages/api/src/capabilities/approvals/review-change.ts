import {
  type ApprovalRule,
  type ChainState,
  combineRequirements,
  type Requirement,
  type Signature,
  settleChain,
} from '@countersign/policy';
import type { Transaction } from '../../database/sql-runner';
import type { Snapshot } from '../../path/rooms';
import type { RecordWrite } from '../../records/change';
import { gatesAreClosed } from '../../snapshot/policy-records';
import type { QueueDeps } from './approvals-deps';
import type { DecisionRow, PendingChangeRow } from './pending-change';
import { namesPayload, type PendingPayload } from './pending-payload';
import { requirementsOf, type TimedRequirement } from './requirements';
import { rulesThatHold } from './rules-that-hold';

/** Where a pending change stands: what is demanded of it today, what was signed, and what that makes. */
export interface Review {
  /** Every rule that has a say in it: those that held it, and those that hold it today. */
  readonly rules: readonly ApprovalRule[];
  readonly requirements: readonly TimedRequirement[];
  readonly signatures: readonly Signature[];
  readonly chain: ChainState;
}

export interface ReviewGround {
  readonly snapshot: Pick<Snapshot, 'catalogue' | 'policyRecords' | 'policy'>;
  readonly now: Date;
  /** The person who asks. */
  readonly maker: string | null;
  /** Since when the present level waits. */
  readonly waiting: { readonly level: number; readonly since: Date } | null;
}

/** What is demanded of a change set, and by which rules. */
export type Demands = Pick<Review, 'rules' | 'requirements'>;

/**
 * What is demanded of a change set today: what the rules demanded that held it, and what the rules of this version add
 * while the gates are closed. Nothing that was once demanded is dropped, and neither is a person whom a path led to when
 * the change was asked for: who moves the path on does not choose another checker.
 */
export async function demandsOn(
  tx: Transaction,
  deps: Pick<QueueDeps, 'macKeys'>,
  ground: ReviewGround,
  writes: readonly RecordWrite[],
  heldBy: Pick<PendingPayload, 'rules' | 'ends' | 'askedAt'>,
  /** Those that stand; see `standingSignatures`. */
  signed: readonly DecisionRow[],
): Promise<Demands> {
  const { snapshot, now } = ground;
  const today = await rulesThatHold(tx, snapshot, rulesInForce(snapshot, now), writes, now);
  const once = heldBy.rules.map((rule) => {
    return { rule, writes: writes.filter(({ change }) => rule.objects.includes(change.object.name)) };
  });
  const people = { ...ground, rowKey: deps.macKeys.rows, signed, askedAt: heldBy.askedAt ?? null };
  const before = await requirementsOf(tx, people, once, heldBy.ends ?? {});
  const added = await requirementsOf(tx, people, today);
  const timed = new Map([...added, ...before].map((one) => [one.key, one]));
  // A demand that stands beside its later form has a key of its own, made of the same one.
  const known = (key: string) => timed.get(key) ?? timed.get(key.split('~')[0]!);
  return {
    rules: [...heldBy.rules, ...today.map(({ rule }) => rule)],
    requirements: combineRequirements(before, added).map((one): TimedRequirement => timedAs(one, known(one.key))),
  };
}

/** A demand that was put together from two keeps the time limit of the one that came first. */
function timedAs(combined: Requirement, known: TimedRequirement | undefined): TimedRequirement {
  return { ...combined, timeoutHours: known?.timeoutHours ?? null, escalates: known?.escalates ?? false };
}

/** Signatures for the present revision, over exactly what it holds. */
export function signaturesOn(
  deps: Pick<QueueDeps, 'payloadKeys'>,
  { id, revision }: Pick<PendingChangeRow, 'id' | 'revision'>,
  payload: PendingPayload,
  decisions: readonly DecisionRow[],
): DecisionRow[] {
  return decisions.filter(
    (one) =>
      one.kind === 'APPROVE' &&
      one.revision === revision &&
      one.level !== null &&
      namesPayload(deps.payloadKeys, id, revision, payload, one.digest),
  );
}

/** What rules there are while the gates are closed; open gates hold nothing. */
export function rulesInForce(
  { policy, policyRecords }: Pick<Snapshot, 'policy' | 'policyRecords'>,
  now: Date,
): readonly ApprovalRule[] {
  return gatesAreClosed(policyRecords, now) ? (policy.body.approvalRules ?? []) : [];
}

/** No rule, neither of then nor of today, holds the change: it waits for its day and for nobody. */
const NOTHING_DEMANDED: ChainState = { levels: [], current: null, complete: true, hopeless: [] };

/**
 * Puts demands and signatures together. INVARIANT: what any rule holds is complete by signatures alone, also where the
 * rule came out with nothing demanded; only what no rule speaks of needs none.
 */
export function reviewOf({ rules, requirements }: Demands, signed: readonly DecisionRow[]): Review {
  const signatures = signed.map(({ level, person, onBehalfOf }): Signature => ({ level: level!, person, onBehalfOf }));
  const chain = rules.length === 0 ? NOTHING_DEMANDED : settleChain(requirements, signatures);
  return { rules, requirements, signatures, chain };
}

/** What the row of a pending change says about where its chain stands. */
export interface Standing {
  readonly status: 'PENDING' | 'APPROVED';
  readonly level: number | null;
  readonly levelSince: string | null;
  readonly expiresAt: string | null;
  readonly outcome: string | null;
}

/** Where the chain stands at a moment; a level that goes on waiting keeps the moment since when it does. */
export function standingOf({ chain, requirements }: Review, waiting: ReviewGround['waiting'], now: Date): Standing {
  const { current: level } = chain;
  if (chain.complete || level === null) {
    return { status: 'APPROVED', level: null, levelSince: null, expiresAt: null, outcome: null };
  }
  const since = waiting?.level === level ? waiting.since : now;
  const met = new Set(
    chain.levels.flatMap((one) => one.requirements.filter((part) => part.complete).map(({ key }) => key)),
  );
  const ends = requirements
    .filter((one) => one.level === level && !one.escalates && one.timeoutHours !== null && !met.has(one.key))
    .map(({ timeoutHours }) => since.getTime() + timeoutHours! * 3_600_000);
  return {
    status: 'PENDING',
    level,
    levelSince: since.toISOString(),
    expiresAt: ends.length > 0 ? new Date(Math.min(...ends)).toISOString() : null,
    outcome: chain.hopeless.length > 0 ? NOBODY : null,
  };
}

const NOBODY = 'Too few people can sign it at present; it waits until there are others.';

/** What is missing, in words. */
export function waitingFor({ chain, requirements }: Review): string[] {
  if (chain.current === null) return [];
  return requirements
    .filter(({ level }) => level === chain.current)
    .flatMap(({ key, ruleName, level, quorum }) => {
      const part = chain.levels.find((one) => one.level === level)?.requirements.find((one) => one.key === key);
      if (part?.complete) return [];
      const many = quorum === 'all' ? 'everybody who is asked' : quorum === 1 ? 'one person' : `${quorum} people`;
      return [`${ruleName}, level ${level}: ${many}`];
    });
}
