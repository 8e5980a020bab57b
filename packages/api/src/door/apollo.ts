import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import type { TokenSealer } from '@countersign/crypto';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Logger } from 'pino';
import { FACES, Fault } from '../path/faults';
import type { Limits } from '../path/limits';
import { type ErrorContext, faultOf, publicError, publicRefusal } from '../path/public-error';
import { stringifyWithRaw } from '../path/raw-json';
import type { RequestScope } from '../path/request-scope';
import { DocumentCheck, variableErrors, withoutSuggestion } from './check-document';
import { checkDocumentLimits } from './document-limits';

export interface ApolloDeps {
  /** A schema for Apollo to hold; documents are validated against that of their caller's class instead. */
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
  readonly decisions: TokenSealer;
  readonly check: DocumentCheck;
  readonly log: Logger;
  /** Leaves the event of an operation. Never blocks. */
  readonly recordOperation: (scope: RequestScope, operationName: string | null) => void;
}

/** Apollo as the door: it parses and speaks HTTP; what a document may say and how it is answered is decided here. */
export function createApollo(deps: ApolloDeps): ApolloServer<RequestScope> {
  return new ApolloServer<RequestScope>({
    gateway: gatewayOf(deps),
    dangerouslyDisableValidation: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    introspection: true,
    parseOptions: { maxTokens: deps.limits.documentTokens },
    stringifyResult: (value) => stringifyWithRaw(value),
    formatError: formatErrorOf(deps),
    logger: { debug() {}, info() {}, warn: (text) => deps.log.warn(text), error: (text) => deps.log.error(text) },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      roomPlugin(deps),
    ],
  });
}

type Gateway = ApolloServerOptionsWithGateway<RequestScope>['gateway'];
type Executor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

function gatewayOf(deps: ApolloDeps): Gateway {
  const executor = ((request: Run) => runOperation(deps, request)) as unknown as Executor;
  return {
    async load() {
      return { executor };
    },
    onSchemaLoadOrUpdate(listener) {
      listener({ apiSchema: deps.schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    async stop() {},
  };
}

interface Run {
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
async function runOperation(deps: ApolloDeps, run: Run): Promise<ExecutionResult> {
  const scope = run.context;
  scope.documentKey = run.queryHash;
  try {
    checkDocumentLimits(run.document, run.operation, deps.limits);
    const refusal = documentRefusal(deps, run);
    if (refusal) return refusal;
    scope.revalidate = () => deps.check.errorsOf(run.document, run.queryHash, scope.under).length === 0;
    const asked = {
      document: run.document,
      variableValues: run.request.variables ?? {},
      operationName: run.operation.name?.value,
      contextValue: scope,
    };
    if (isIntrospection(run)) return await execute({ ...asked, schema: scope.under.authority.servedSchema });
    const result = await execute({ ...asked, schema: scope.under.snapshot.executionSchema });
    const errors = [...(result.errors ?? []).map((error) => seen(deps, scope, error)), ...scope.errors];
    return errors.length > 0 ? { ...result, errors } : result;
  } catch (error) {
    return refused(deps, scope, [faultOf(error)]);
  }
}

/** What is wrong with a document or its variables, in the eyes of the caller's class. */
function documentRefusal(deps: ApolloDeps, { document, operation, queryHash, request, context }: Run): ExecutionResult | null {
  const errors = deps.check.errorsOf(document, queryHash, context.under);
  const schema = context.under.authority.validationSchema;
  const bad = errors.length > 0 ? errors : variableErrors(schema, operation, request.variables ?? {});
  if (bad.length === 0) return null;
  // To somebody who has not signed in, almost everything is unknown; what helps is to sign in.
  if (context.under.principal.kind === 'anonymous') return refused(deps, context, [new Fault('UNAUTHENTICATED')]);
  const code = errors.length > 0 ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT';
  return refused(
    deps,
    context,
    bad.map((error) => new Fault(code, { message: error.message, locations: error.locations })),
  );
}

/** An answer for an operation that did not run. */
function refused(deps: ApolloDeps, scope: RequestScope, faults: readonly Fault[]): ExecutionResult {
  scope.httpStatus = FACES[faults[0]!.code].status;
  scope.tally.verdict = faults[0]!.code === 'INTERNAL' ? 'failed' : 'refused';
  for (const fault of faults) logInside(deps.log, scope.requestId, fault);
  return { errors: faults.map((fault) => publicError(fault, errorContext(deps, scope))) };
}

function errorContext(deps: ApolloDeps, scope: RequestScope): ErrorContext {
  return { requestId: scope.requestId, under: scope.under, decisions: deps.decisions };
}

/** An error of a resolver with its public face; what it was inside goes to the log. */
function seen(deps: ApolloDeps, scope: RequestScope, error: GraphQLError): GraphQLError {
  if (!error.originalError) {
    // Of graphql-js itself: an argument or a variable that does not coerce.
    const fault = new Fault('BAD_USER_INPUT', { message: withoutSuggestion(error).message });
    return publicError(fault, errorContext(deps, scope), error.path);
  }
  const fault = faultOf(error);
  scope.tally.verdict = fault.code === 'INTERNAL' ? 'failed' : 'refused';
  logInside(deps.log, scope.requestId, fault);
  return publicError(fault, errorContext(deps, scope), error.path);
}

/** Writes what happened inside to our own log, beside the request's id. */
export function logInside(log: Logger, requestId: string, fault: Fault): void {
  const { inside } = fault.detail;
  if (fault.code === 'INTERNAL' || FACES[fault.code].status >= 500) log.error({ requestId, code: fault.code, err: inside }, fault.message);
  else if (inside !== undefined) log.info({ requestId, code: fault.code, err: inside }, fault.message);
}

/** True when the operation asks for the schema. Such roots run alone: they are answered by another schema. */
function isIntrospection({ document, operation }: Run): boolean {
  const roots = rootNames(document, operation.selectionSet);
  const meta = roots.filter((name) => name === '__schema' || name === '__type');
  if (meta.length === 0) return false;
  if (roots.some((name) => !name.startsWith('__'))) {
    throw new Fault('GRAPHQL_VALIDATION_FAILED', { message: 'Ask for the schema in an operation of its own.' });
  }
  return true;
}

function rootNames(document: DocumentNode, set: SelectionSetNode): string[] {
  return set.selections.flatMap((selection): string[] => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootNames(document, selection.selectionSet);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? rootNames(document, fragment.selectionSet) : [];
  });
}

function roomPlugin(deps: ApolloDeps): ApolloServerPlugin<RequestScope> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ contextValue: scope, operation }) {
          if (operation) return;
          const fault = new Fault('BAD_REQUEST', { message: 'Name one operation of the document in `operationName`.' });
          throw publicRefusal(fault, errorContext(deps, scope));
        },
        async willSendResponse({ contextValue: scope, response, operation }) {
          if (response.body.kind === 'single') {
            const result = response.body.singleResult;
            if (result.errors) result.errors = result.errors.map((error) => withIds(deps, scope, error));
          }
          if (scope.httpStatus !== null) response.http.status = scope.httpStatus;
          response.http.headers.set('x-request-id', scope.requestId);
          response.http.headers.set('cache-control', 'no-store');
          deps.recordOperation(scope, operation?.name?.value ?? null);
        },
      };
    },
  };
}

/** Every error names its request and its decision, also those that Apollo wrote. */
function withIds(deps: ApolloDeps, scope: RequestScope, error: GraphQLFormattedError): GraphQLFormattedError {
  if (error.extensions?.requestId) return error;
  const code = (error.extensions?.code ?? 'INTERNAL') as keyof typeof FACES;
  const ids = publicError(new Fault(code), errorContext(deps, scope));
  return { ...error, extensions: { ...error.extensions, ...ids.extensions } };
}

const APOLLO_CODES: Readonly<Record<string, keyof typeof FACES>> = {
  INTERNAL_SERVER_ERROR: 'INTERNAL',
  PERSISTED_QUERY_NOT_FOUND: 'DOCUMENT_NOT_ALLOWED',
  PERSISTED_QUERY_NOT_SUPPORTED: 'DOCUMENT_NOT_ALLOWED',
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
};

/** The last look at an error before it leaves: whatever is not of the public table becomes INTERNAL. */
function formatErrorOf({ log }: ApolloDeps) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const given = String(formatted.extensions?.code ?? 'INTERNAL');
    const code = APOLLO_CODES[given] ?? (given in FACES ? (given as keyof typeof FACES) : 'INTERNAL');
    if (code !== 'INTERNAL') return { ...formatted, message: formatted.message.replace(/ Did you mean [^?]*\?/g, ''), extensions: { ...formatted.extensions, code } };
    log.error({ err: error }, 'an unexpected error');
    const { requestId, decisionId } = formatted.extensions ?? {};
    return {
      message: FACES.INTERNAL.message,
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions: { code, ...(requestId ? { requestId, decisionId } : {}) },
    };
  };
}

