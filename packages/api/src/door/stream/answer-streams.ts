import { sha256 } from '@countersign/crypto';
import type { RequestHandler, Response } from 'express';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST, parse } from 'graphql';
import { createHandler } from 'graphql-sse';
import { FACES, Fault } from '../../path/faults';
import { faultOf } from '../../path/public-error';
import type { LiveScope, RequestScope } from '../../path/request-scope';
import { modestMessage } from '../check-document';
import { checkDocumentLimits, checkVariableLimits } from '../document-limits';
import { faceOfError, keepDenial } from '../error-faces';
import { openScope, type ScopeDeps } from '../open-scope';
import { documentFaults, type RunDeps } from '../run-operation';
import type { OpenStreams } from './open-streams';
import { sendStream } from './send-stream';

export interface StreamDeps extends ScopeDeps, Omit<RunDeps, 'introspection'> {
  readonly streams: OpenStreams;
  /** How long a client may take to take up more. */
  readonly clientTimeoutMs: number;
  /** Leaves the event of an operation and the trace of what it was denied. Never blocks. */
  readonly recordOperation: (scope: RequestScope, operationName: string | null) => void;
}

/** As many words may wait for a client before it counts as too slow. */
const MOST_WAITING = 100;

type About = { readonly requestId: string; readonly source: string; readonly reason: string | null };

interface Prepared {
  readonly scope: RequestScope;
  readonly args: ExecutionArgs;
}

/**
 * Subscriptions over server-sent events, each on a connection of its own. A document passes what it passes at the other
 * entrance: limits, the schema of its caller's class, variables; what is refused is answered in the same form. From then
 * on the caller is identified anew before each word.
 *
 * `about` names the request; `refuse` answers a fault that ends it before there is anything to tell.
 */
export function answerStreams(
  deps: StreamDeps,
  about: (request: Parameters<RequestHandler>[0]) => About,
  refuse: (response: Response, faults: readonly Fault[], scope: RequestScope | null, requestId: string) => void,
): RequestHandler {
  return async (request, response) => {
    const named = about(request);
    response.setHeader('x-request-id', named.requestId);
    let prepared: (Prepared & { readonly end: AbortController }) | null = null;
    let scope: RequestScope | null = null;
    try {
      if (!/\btext\/event-stream\b/.test(request.headers.accept ?? '')) {
        throw new Fault('BAD_REQUEST', { message: 'Streams are answered as text/event-stream: ask for that.' });
      }
      scope = await openScope(deps, named, request.headers.authorization);
      const args = await settleDocument(deps, scope, request.body);
      const { userId, clientId } = scope.under.principal.values;
      const end = deps.streams.take(userId ?? clientId ?? '');
      prepared = { scope, args, end };
    } catch (error) {
      const faults = error instanceof Refusals ? error.faults : [faultOf(error)];
      if (scope) {
        scope.tally.verdict = 'refused';
        for (const fault of faults) keepDenial(scope, fault);
        deps.recordOperation(scope, null);
      }
      return refuse(response, faults, scope, named.requestId);
    }
    await tell(deps, response, prepared, request.headers.authorization);
    return undefined;
  };
}

/** Everything that is wrong with a document. */
class Refusals extends Error {
  constructor(readonly faults: readonly Fault[]) {
    super('The document is refused');
  }
}

async function settleDocument(deps: StreamDeps, scope: RequestScope, body: unknown): Promise<ExecutionArgs> {
  const { query, variables, operationName } = (body ?? {}) as Record<string, unknown>;
  if (typeof query !== 'string') throw new Fault('BAD_REQUEST', { message: 'The body holds no document.' });
  const given = (variables ?? {}) as Record<string, unknown>;
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new Fault('BAD_REQUEST', { message: '`variables` is not an object.' });
  }
  const document = parsed(query, deps.limits.documentTokens);
  const operation = getOperationAST(document, typeof operationName === 'string' ? operationName : undefined);
  if (!operation) {
    throw new Fault('BAD_REQUEST', { message: 'Name one operation of the document in `operationName`.' });
  }
  checkDocumentLimits(document, deps.limits);
  checkVariableLimits(operation, given, deps.limits);
  scope.documentKey = sha256(query).toString('hex');
  const run = { document, operation, queryHash: scope.documentKey, request: { variables: given }, context: scope };
  let faults = documentFaults(deps, run, 'stream');
  if (faults.length > 0 && (await scope.hasMoved())) {
    await scope.refresh();
    faults = documentFaults(deps, run, 'stream');
  }
  if (faults.length > 0) throw new Refusals(faults);
  const { executionSchema: schema } = scope.under.snapshot;
  return { schema, document, variableValues: given, operationName: operation.name?.value };
}

function parsed(query: string, maxTokens: number) {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    const message = error instanceof GraphQLError ? modestMessage(error.message) : undefined;
    const locations = error instanceof GraphQLError ? error.locations : undefined;
    throw new Fault('GRAPHQL_PARSE_FAILED', { ...(message ? { message } : {}), ...(locations ? { locations } : {}) });
  }
}

async function tell(
  deps: StreamDeps,
  response: Response,
  { scope: opened, args, end }: Prepared & { readonly end: AbortController },
  authorization: string | undefined,
): Promise<void> {
  let waiting = 0;
  const live: LiveScope = {
    signal: end.signal,
    isBehind: () => waiting > MOST_WAITING,
    async again() {
      if (await scope.hasMoved()) await deps.refreshWorld();
      const { snapshot, head, principal } = await deps.identify.principalFor(authorization, deps.now);
      scope.under = { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
      return scope.under;
    },
  };
  const scope: RequestScope = { ...opened, live };
  const handler = createHandler<null, null, never>({
    // Never a token: streams that several connections share would outlive what they were opened under.
    authenticate: () => null,
    validate: () => [],
    onSubscribe: () => ({ ...args, contextValue: scope }) as never,
    onOperation: (_context, _request, _args, result) => {
      if (!('errors' in (result as object))) return undefined;
      return publicResult(deps, scope, result as ExecutionResult);
    },
    onNext(_context, _request, result) {
      waiting += 1;
      return publicResult(deps, scope, result as ExecutionResult);
    },
  });
  response.on('close', () => end.abort());
  try {
    // Checked by now; the rest of the request is not for the library to look at.
    const headers = new Headers({ accept: 'text/event-stream', 'content-type': 'application/json' });
    const [body, init] = await handler({
      method: 'POST',
      url: '/graphql/stream',
      headers,
      body: { query: 'subscription { __typename }' },
      raw: null,
      context: null,
    });
    response.writeHead(init.status, { ...init.headers, 'cache-control': 'no-store' });
    if (body === null || typeof body === 'string') {
      response.end(body);
    } else {
      await sendStream(body as AsyncIterable<string>, response, deps.clientTimeoutMs, () => {
        waiting = Math.max(0, waiting - 1);
      });
    }
  } finally {
    end.abort();
    deps.recordOperation(scope, args.operationName ?? null);
  }
}

function publicResult(deps: StreamDeps, scope: RequestScope, result: ExecutionResult): ExecutionResult {
  if (!result.errors?.length) return result;
  return { ...result, errors: result.errors.map((error) => faceOfError(deps, scope, error)) };
}

/** The HTTP status of a refusal. */
export const statusOf = (faults: readonly Fault[]) => FACES[faults[0]!.code].status;
