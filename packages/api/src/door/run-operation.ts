import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { FACES, Fault } from '../path/faults';
import type { Limits } from '../path/limits';
import { faultOf, publicError } from '../path/public-error';
import type { RequestScope, WithheldNotice } from '../path/request-scope';
import { type DocumentCheck, variableErrors } from './check-document';
import { checkDocumentLimits, checkVariableLimits } from './document-limits';
import { type ErrorFacesDeps, errorContext, faceOfError, keepDenial, logInside } from './error-faces';
import { type Introspection, isIntrospection } from './introspection';

export interface RunDeps extends ErrorFacesDeps {
  readonly limits: Limits;
  readonly check: DocumentCheck;
  readonly introspection: Introspection;
}

export interface Run {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly queryHash: string;
  readonly request: { readonly variables?: Record<string, unknown> };
  readonly context: RequestScope;
}

/**
 * Runs one operation: limits, validation against the schema of the caller's class, then execution. Introspection runs on
 * the caller's own schema, everything else on the execution schema.
 */
export async function runOperation(deps: RunDeps, run: Run): Promise<ExecutionResult> {
  const scope = run.context;
  scope.documentKey = run.queryHash;
  try {
    checkDocumentLimits(run.document, deps.limits);
    checkVariableLimits(run.operation, run.request.variables ?? {}, deps.limits);
    const refusal = await freshRefusal(deps, run);
    if (refusal) return refusal;
    scope.revalidate = () => deps.check.errorsOf(run.document, run.queryHash, scope.under).length === 0;
    const result = isIntrospection(run.document, run.operation)
      ? await introspect(deps, run)
      : await execute({
          schema: scope.under.snapshot.executionSchema,
          document: run.document,
          variableValues: run.request.variables ?? {},
          operationName: run.operation.name?.value,
          contextValue: scope,
        });
    const errors = [...(result.errors ?? []).map((error) => faceOfError(deps, scope, error)), ...scope.errors];
    return { ...result, ...(errors.length > 0 ? { errors } : {}), ...withheldOf(scope) };
  } catch (error) {
    return refused(deps, scope, [faultOf(error)]);
  }
}

/** In an order that does not depend on which root field was answered first. */
function withheldOf({ withheld }: RequestScope): Pick<ExecutionResult, 'extensions'> {
  if (withheld.length === 0) return {};
  const keyOf = ({ selection, coordinate, use }: WithheldNotice) => `${selection} ${coordinate} ${use}`;
  return { extensions: { withheld: [...withheld].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) } };
}

/** Answered on the schema of the caller's class. */
async function introspect(
  deps: RunDeps,
  { context, document, operation, queryHash, request }: Run,
): Promise<ExecutionResult> {
  // It runs no statement that would find out for itself.
  if (await context.hasMoved()) await context.refresh();
  const asked = { document, operation, queryHash, variables: request.variables ?? {} };
  return deps.introspection.answer(context.under.authority.servedSchema, asked);
}

/** A refusal is an answer like any other: it may not rest on rights that are out of date. */
async function freshRefusal(deps: RunDeps, run: Run): Promise<ExecutionResult | null> {
  const scope = run.context;
  let faults = documentFaults(deps, run);
  if (faults.length > 0 && (await scope.hasMoved())) {
    await scope.refresh();
    faults = documentFaults(deps, run);
  }
  return faults.length > 0 ? refused(deps, scope, faults) : null;
}

/** What is wrong with a document or its variables, in the eyes of the caller's class. */
export function documentFaults(
  deps: Pick<RunDeps, 'check'>,
  { document, operation, queryHash, request, context }: Omit<Run, 'operationName'>,
  entrance: Entrance = 'answer',
): readonly Fault[] {
  const misplaced = misplacedFault(operation, context, entrance);
  if (misplaced !== null) return [misplaced];
  const errors = deps.check.errorsOf(document, queryHash, context.under);
  // To somebody who has not signed in, almost everything is unknown; what helps is to sign in.
  if (errors.length > 0 && context.under.principal.kind === 'anonymous') return [new Fault('UNAUTHENTICATED')];
  const code = errors.length > 0 ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT';
  const schema = context.under.authority.validationSchema;
  const bad = errors.length > 0 ? errors : variableErrors(schema, operation, request.variables ?? {});
  return bad.map((error) => new Fault(code, { message: error.message, locations: error.locations }));
}

/** Where an operation comes in: to be answered, or to be told of events. */
export type Entrance = 'answer' | 'stream';

/** To a class without subscriptions there are none, wherever it asks. */
function misplacedFault(
  { operation }: OperationDefinitionNode,
  { under }: RequestScope,
  entrance: Entrance,
): Fault | null {
  const refusal = (message: string) => new Fault('GRAPHQL_VALIDATION_FAILED', { message });
  if (operation !== OperationTypeNode.SUBSCRIPTION) {
    return entrance === 'answer' ? null : refusal('Only subscriptions are answered here.');
  }
  if (under.principal.kind === 'anonymous') return new Fault('UNAUTHENTICATED');
  if (!under.authority.validationSchema.getSubscriptionType()) return refusal('There are no subscriptions.');
  return entrance === 'stream' ? null : refusal('Subscriptions are answered at /graphql/stream.');
}

/** An answer for an operation that did not run. */
function refused(deps: RunDeps, scope: RequestScope, faults: readonly Fault[]): ExecutionResult {
  scope.httpStatus = FACES[faults[0]!.code].status;
  scope.tally.verdict = faults[0]!.code === 'INTERNAL' ? 'failed' : 'refused';
  for (const fault of faults) {
    keepDenial(scope, fault);
    logInside(deps.log, scope.requestId, fault);
  }
  return { errors: faults.map((fault) => publicError(fault, errorContext(deps, scope))) };
}
