import { sha256, type TokenSealer } from '@countersign/crypto';
import type { GraphQLResolveInfo } from 'graphql';
import type { Pool } from 'pg';
import { type AuditEvent, type ProtectedRead, traceContext } from '../capabilities/audit';
import type { ContinuousCheck } from '../capabilities/permissions';
import { bindParams } from '../planner/bind-params';
import { Cursors } from '../planner/cursors';
import { decideRead } from '../planner/decide-read';
import type { PlanCache, PreparedRead } from '../planner/plan-cache';
import { type PlanInput, planFigures, planInner, planMany, planOne } from '../planner/plan-read';
import { protectedUse } from '../planner/protected-fields';
import type { ReadPlan } from '../planner/read-plan';
import { source } from '../planner/source';
import { printRead } from '../planner/sql/print-read';
import { variableShape } from '../planner/variable-shape';
import { Fault } from './faults';
import type { Limits } from './limits';
import { publicError } from './public-error';
import { RawJson } from './raw-json';
import type { RequestScope } from './request-scope';
import { reveal } from './reveal';
import type { DecidedUnder } from './rooms';
import { HeadMoved, rightsHaveEnded, underHead } from './under-head';

export interface ReadDeps {
  readonly pool: Pool;
  readonly plans: PlanCache;
  readonly cursors: TokenSealer;
  readonly decisions: TokenSealer;
  readonly limits: Limits;
  /** Leaves an entry in the audit log before it resolves. Throws AUDIT_UNAVAILABLE. */
  readonly traceRead: (read: ProtectedRead) => Promise<void>;
  /** Leaves an entry about a look at the audit log itself; never waits. */
  readonly noteLook: (event: AuditEvent, scope: RequestScope) => void;
  /** Now and then compares a decision with Casbin, outside the request. */
  readonly check: ContinuousCheck;
}

/** What a root field, or the record inside an answer, asks for. */
export type ReadAsk =
  | { readonly kind: 'one' | 'many' | 'aggregate'; readonly object: string }
  | { readonly kind: 'inner'; readonly object: string; readonly id: string };

/** Where the id of an inner record is bound; no GraphQL variable can have this name. */
const INNER_ID = '@id';

/**
 * Answers one root field: plan, decide, carry out, reveal. One statement, which finds for itself whether what it was
 * decided under still holds; if not, everything is decided anew.
 */
export async function readPath(
  deps: ReadDeps,
  scope: RequestScope,
  info: GraphQLResolveInfo,
  ask: ReadAsk,
): Promise<RawJson> {
  const variables = ask.kind === 'inner' ? { ...info.variableValues, [INNER_ID]: ask.id } : info.variableValues;
  let counted = false;
  return underHead(scope, async (under) => {
    const prepared = prepare(deps, scope, under, info, ask);
    if (!counted) spend(deps, scope, prepared.cost);
    counted = true;
    const { statement } = prepared;
    const { values } = under.principal;
    const cursors = new Cursors(
      deps.cursors,
      values.userId ?? values.clientId ?? '',
      statement.connections,
      info.variableValues,
    );
    const params = bindParams(statement, {
      head: under.head,
      principal: values,
      variables,
      cursors,
      limits: deps.limits,
    });
    scope.tally.statements += 1;
    const { rows } = await scope.limited(() =>
      deps.pool.query<{ data: string }>({ name: prepared.name, text: statement.text, values: params }),
    );
    // The statement finds for itself whether the head has moved; that time has run out is found here.
    if (!rows[0] || rightsHaveEnded(under)) throw new HeadMoved();
    report(deps, scope, under, prepared, info);
    const revealed = reveal(rows[0].data, cursors, statement.counted, scope.tally.records);
    await traceRead(deps, scope, under, prepared, revealed.protectedIds);
    return new RawJson(revealed.text);
  });
}

/** The limit is one for the operation: as many root fields as there may be aliases would be as many times over it. */
function spend({ limits }: ReadDeps, { tally }: RequestScope, cost: number): void {
  tally.cost += cost;
  if (tally.cost <= limits.cost) return;
  throw new Fault('COST_LIMIT', {
    message: `The operation may ask for at most ${limits.cost} values; ask for smaller pages.`,
  });
}

/** What the trace has to say of a read. Protected values leave only once it is in the log. Throws AUDIT_UNAVAILABLE. */
async function traceRead(
  deps: ReadDeps,
  scope: RequestScope,
  under: DecidedUnder,
  { protectedUse }: PreparedRead,
  ids: readonly string[],
): Promise<void> {
  const { coordinates, shapesAnswer, looksAtTrace } = protectedUse;
  if (!looksAtTrace && ids.length === 0 && !shapesAnswer) return;
  const event = (object: string | null): AuditEvent => {
    return { ...traceContext(under, { ...scope, at: scope.receivedAt }), action: 'READ', object };
  };
  if (looksAtTrace) deps.noteLook(event('AuditEntry'), scope);
  if (ids.length === 0 && !shapesAnswer) return;
  await deps.traceRead({ event: event(coordinates[0]?.split('.')[0] ?? null), coordinates, ids });
}

/** Plans, decides and prints, or finds what was made for the same document, shape and rights. */
function prepare(
  deps: ReadDeps,
  scope: RequestScope,
  under: DecidedUnder,
  info: GraphQLResolveInfo,
  ask: ReadAsk,
): PreparedRead {
  const { snapshot, authority } = under;
  const key = {
    catalogueRevision: snapshot.catalogueRevision,
    policyVersion: snapshot.policyVersion,
    document: scope.documentKey,
    operationName: info.operation.name?.value ?? null,
    place: `${ask.kind}:${placeOf(info)}`,
    variableShape: shapeOf(info, deps.limits),
    rightsKey: authority.rightsKey,
  };
  const prepared = deps.plans.find(key, () => {
    const authorised = decideRead(snapshot.catalogue, planRead(under, deps.limits, info, ask), authority);
    const statement = printRead(snapshot.catalogue, authorised);
    const name = sha256(statement.text).toString('base64url').slice(0, 24);
    const { cost, refusals, decisions, withheld } = authorised;
    return {
      statement,
      name,
      cost,
      refusals,
      decisions,
      protectedUse: protectedUse(snapshot.catalogue, ask.object, decisions),
      withheld,
    };
  });
  deps.check.sawRead(under, prepared.decisions);
  return prepared;
}

/** What of a running operation a root field is planned from. */
export type RootField = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'variableValues'>;

/** Plans one root field as it would run; nothing is decided or carried out. Throws COST_LIMIT and BAD_USER_INPUT. */
export function planRead({ snapshot }: DecidedUnder, limits: Limits, field: RootField, ask: ReadAsk): ReadPlan {
  const input: PlanInput = {
    catalogue: snapshot.catalogue,
    schema: snapshot.wholeSchema,
    fragments: field.fragments,
    variables: field.variableValues,
    limits,
  };
  if (ask.kind === 'one') return planOne(input, ask.object, field.fieldNodes);
  if (ask.kind === 'aggregate') return planFigures(input, ask.object, field.fieldNodes);
  if (ask.kind === 'many') return planMany(input, ask.object, field.fieldNodes);
  return planInner(input, ask.object, field.fieldNodes, source({ kind: 'variable', path: [INNER_ID] }));
}

/** One error per refused selection, one entry per selection under a cell rule, however many records there are. */
function report(
  deps: ReadDeps,
  scope: RequestScope,
  under: DecidedUnder,
  prepared: PreparedRead,
  info: GraphQLResolveInfo,
): void {
  if (prepared.refusals.length === 0 && prepared.withheld.length === 0) return;
  const root = pathKeys(info);
  for (const { coordinate, use, selection, path } of prepared.withheld) {
    scope.withheld.push({
      coordinate,
      use: use.toUpperCase(),
      selection: [...root, ...selection].join('.'),
      path: [...root, ...path],
    });
  }
  if (prepared.refusals.length === 0) return;
  for (const refusal of prepared.refusals) {
    const fault = new Fault(refusal.code, {
      coordinate: refusal.coordinate,
      action: 'SEE',
      selection: [...root, ...refusal.selection].join('.'),
      path: [...root, ...refusal.path],
    });
    scope.denials.push({ code: refusal.code, coordinate: refusal.coordinate, action: 'SEE' });
    scope.errors.push(publicError(fault, { requestId: scope.requestId, under, decisions: deps.decisions }));
  }
  scope.tally.verdict = 'refused';
}

function pathKeys(info: GraphQLResolveInfo): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at; at = at.prev) keys.unshift(at.key);
  return keys;
}

function placeOf(info: GraphQLResolveInfo): string {
  return pathKeys(info)
    .filter((key) => typeof key === 'string')
    .join('.');
}

const shapes = new WeakMap<object, string>();

/** The variable shape of an operation; worked out once for all its root fields. */
function shapeOf(info: GraphQLResolveInfo, { page }: Limits): string {
  const known = shapes.get(info.variableValues);
  if (known !== undefined) return known;
  const made = variableShape(info.schema, info.operation, info.variableValues, page);
  shapes.set(info.variableValues, made);
  return made;
}
