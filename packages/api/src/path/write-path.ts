import { type GenericVerb, isUuid, objectOf } from '@countersign/schema';
import type { ContinuousCheck } from '../capabilities/permissions';
import { carryOut } from '../records/carry-out';
import type { CarryOutDeps, ChangeOutcome, GivenChange, HeldChange, UserError, WriteMeta } from '../records/change';
import { decideChanges, permissionDecisions } from '../records/decide-changes';
import { planChanges } from '../records/plan-changes';
import { Fault } from './faults';
import type { Limits } from './limits';
import type { RequestScope } from './request-scope';
import type { DecidedUnder } from './rooms';
import { underHead } from './under-head';

/**
 * Applies a change set, all of it or nothing, decided under what it is given. Imports call it directly: neighbouring
 * creates of one object share their statements, so many thousands of records fit into one transaction.
 *
 * Throws HeadMoved when rights have changed meanwhile (decide anew and try again), and the faults of `carryOut`.
 */
export async function applyChanges(
  deps: CarryOutDeps & Pick<WriteDeps, 'check'>,
  under: DecidedUnder,
  meta: WriteMeta,
  given: readonly GivenChange[],
): Promise<ChangeOutcome> {
  const plan = planChanges(under.snapshot.catalogue, given, meta.now, meta.newId);
  deps.check?.sawChanges(under, () => permissionDecisions(plan, under.authority));
  const decided = decideChanges(plan, under.authority);
  if (decided.userErrors.length > 0) return { kind: 'refused', userErrors: decided.userErrors };
  // Whether it needs a second person is settled inside the transaction, on the locked records.
  return carryOut(deps, under, decided, meta);
}

export interface WriteDeps extends CarryOutDeps {
  readonly limits: Pick<Limits, 'changes'>;
  readonly now: () => Date;
  /** Now and then compares a decision with Casbin, outside the request; absent where nothing is served. */
  readonly check?: ContinuousCheck;
  /** Throws AUDIT_UNAVAILABLE while the audit log cannot vouch for what is written. */
  readonly requireLog: () => void;
}

export type ChangePayload = Readonly<Record<string, unknown>> & {
  readonly pendingChange: HeldChange | null;
  readonly userErrors: readonly UserError[];
};

export interface WriteResolvers {
  /** `createInvoice` and the like. Answers the payload with the id of the record in the place of the record. */
  change(scope: RequestScope, object: string, verb: GenericVerb, args: ChangeArguments): Promise<ChangePayload>;
  /** `applyChangeSet`. */
  changeSet(scope: RequestScope, args: ChangeSetArguments): Promise<ChangePayload>;
}

/** The arguments of `applyChangeSet`, as GraphQL has coerced them. */
export interface ChangeSetArguments {
  readonly changes: readonly object[];
  readonly submission?: {
    readonly reason?: string | null;
    readonly effectiveAt?: Date | string | null;
    readonly revises?: string | null;
  } | null;
}

/** The arguments of one generic mutation, as GraphQL has coerced them. */
export interface ChangeArguments {
  readonly id?: unknown;
  readonly expectedVersion?: number;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly as?: unknown;
}

/** How the generic mutations are answered. Throws faults; unacceptable input is part of the answer. */
export function createWriteResolvers(deps: WriteDeps): WriteResolvers {
  return {
    async change(scope, object, verb, args) {
      const outcome = await write(deps, scope, [{ ...args, object, verb }]);
      const { singular } = objectOf(scope.under.snapshot.catalogue, object);
      if (outcome.kind === 'refused') return { [singular]: null, pendingChange: null, userErrors: outcome.userErrors };
      const { id, version } = outcome.records[0]!;
      const held = outcome.kind === 'held' ? outcome.held : null;
      return { [singular]: version === null ? null : id, pendingChange: held, userErrors: [] };
    },

    async changeSet(scope, { changes, submission }) {
      const outcome = await write(deps, scope, changesOf(deps.limits, scope.under, changes), submission ?? null);
      if (outcome.kind === 'refused') return { records: [], pendingChange: null, userErrors: outcome.userErrors };
      const { table } = scope.under.authority;
      const records = outcome.records.map(({ object, id, version }) => {
        return { object, id, version: table.see(object, 'version') === 'clear' ? version : null };
      });
      return { records, pendingChange: outcome.kind === 'held' ? outcome.held : null, userErrors: [] };
    },
  };
}

/** Decides and carries out; when rights have changed meanwhile, anew under the present ones. */
async function write(
  deps: WriteDeps,
  scope: RequestScope,
  changes: readonly GivenChange[],
  submission: ChangeSetArguments['submission'] = null,
): Promise<ChangeOutcome> {
  deps.requireLog();
  const said = submission ? submissionOf(submission) : {};
  const outcome = await underHead(scope, (under) =>
    applyChanges(
      deps,
      under,
      { requestId: scope.requestId, now: deps.now(), reason: scope.reason ?? null, ...said },
      changes,
    ),
  );
  if (outcome.kind === 'applied') await settle(scope, outcome);
  return outcome;
}

/** Throws BAD_USER_INPUT. */
function submissionOf(given: NonNullable<ChangeSetArguments['submission']>): Partial<WriteMeta> {
  const { effectiveAt = null, revises = null } = given;
  const reason = given.reason ?? null;
  const at = effectiveAt === null ? null : new Date(effectiveAt);
  if (revises !== null && !isUuid(revises))
    throw new Fault('BAD_USER_INPUT', { message: 'This is not the id of a pending change.' });
  if (reason !== null && [...reason].length > LONGEST_REASON) {
    throw new Fault('BAD_USER_INPUT', { message: `A reason has at most ${LONGEST_REASON} characters.` });
  }
  return {
    ...(reason === null ? {} : { reason }),
    submission: { effectiveAt: at, revises: revises === null ? null : revises.toLowerCase() },
  };
}

const LONGEST_REASON = 500;

async function settle(scope: RequestScope, outcome: Extract<ChangeOutcome, { kind: 'applied' }>): Promise<void> {
  const { records } = scope.tally;
  for (const { object } of outcome.records) records[object] = (records[object] ?? 0) + 1;
  const { head } = scope.under;
  if (outcome.head.policyVersion === head.policyVersion && outcome.head.peopleEpoch === head.peopleEpoch) return;
  // The rest of the request runs under what this change made. The change itself stands: should the caller have lost
  // the right to go on, their next statement says so.
  await scope.refresh().catch(() => undefined);
}

/** The changes of a change set, as GraphQL has coerced them. Throws BAD_USER_INPUT. */
export function changesOf(
  limits: Pick<Limits, 'changes'>,
  under: DecidedUnder,
  changes: readonly object[],
): GivenChange[] {
  if (changes.length === 0 || changes.length > limits.changes) {
    throw new Fault('BAD_USER_INPUT', { message: `A change set has 1 to ${limits.changes} changes.` });
  }
  return changes.map((entry, index) => changeOf(under, entry, index));
}

/** One entry of a change set: `{ updateInvoice: { id, expectedVersion, input } }`. */
function changeOf(under: DecidedUnder, entry: object, index: number): GivenChange {
  const found = Object.entries(entry).find(([, args]) => args !== undefined && args !== null);
  const [, verb, object] = /^(create|update|delete)(.+)$/.exec(found?.[0] ?? '') ?? [];
  if (!found || !verb || !object || !under.snapshot.catalogue.objects.has(object)) {
    throw new Fault('BAD_USER_INPUT', { message: 'Each entry of a change set names one change.' });
  }
  const place = ['changes', String(index), found[0]];
  return { ...(found[1] as ChangeArguments), verb: verb as GenericVerb, object, place };
}
