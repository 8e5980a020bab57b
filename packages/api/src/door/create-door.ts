import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { randomId } from '@countersign/crypto';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { FACES, Fault, type FaultCode } from '../path/faults';
import { faultOf, publicError, publicRefusal } from '../path/public-error';
import type { RequestScope } from '../path/request-scope';
import { readHead } from '../snapshot/snapshot-store';
import { DocumentCheck } from './check-document';
import { logInside } from './error-faces';
import { explorerPage } from './explorer-page';
import { givenReason } from './given-reason';
import { Introspection } from './introspection';
import { jsonBody } from './json-body';
import { openScope } from './open-scope';
import { answerStreams, type StreamDeps, statusOf } from './stream/answer-streams';

export interface DoorDeps extends Omit<StreamDeps, 'check'> {
  readonly apollo: ApolloServer<RequestScope>;
  /** Told of every refusal before it is known who asks. Never blocks. */
  readonly refusedStranger: (refusal: { code: FaultCode; requestId: string; source: string }) => void;
  readonly metrics: {
    readonly registry: { metrics(): Promise<string>; readonly contentType: string };
    /** Whether a caller with this bearer token, or with none, may read them. */
    readonly opens: (token: string | null) => boolean;
  };
  /** The public keys of the audit log's heads, as a JWK set. */
  readonly auditKeys: object;
}

/** The HTTP side of the gateway: what is answered at which address. */
export function createDoor(deps: DoorDeps): Express {
  const introspection = new Introspection();
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use((_request, response, next) => {
    // Answers depend on who asks; what may be kept says so itself.
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    next();
  });
  app.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    const ready = await readHead(deps.pool).then(
      () => true,
      () => false,
    );
    response.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'not ready' });
  });
  app.get('/.well-known/countersign-audit-keys.json', (_request, response) => {
    response.json(deps.auditKeys);
  });
  app.get('/metrics', async (request, response, next) => {
    const [, token = null] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    // Whoever may not read them learns no more than at an address where there is nothing.
    if (!deps.metrics.opens(token)) return next();
    response.setHeader('content-type', deps.metrics.registry.contentType);
    response.send(await deps.metrics.registry.metrics());
  });
  app.get('/', explorerPage());
  app.get('/schema.graphql', async (request, response) => {
    const scope = await openScope(deps, meta(request), request.headers.authorization);
    // An answer without a statement of its own reads the head first.
    if (await scope.hasMoved()) await scope.refresh();
    response.type('text/plain').send(introspection.text(scope.under.authority.servedSchema));
  });
  const streams = answerStreams({ ...deps, check: new DocumentCheck() }, meta, (response, faults, scope, requestId) => {
    const code = faults[0]!.code;
    if (scope === null) deps.refusedStranger({ code, requestId, source: response.req.socket.remoteAddress ?? '' });
    for (const fault of faults) logInside(deps.log, requestId, fault);
    const context = { requestId, decisions: deps.decisions, ...(scope ? { under: scope.under } : {}) };
    response.status(statusOf(faults)).json({ errors: faults.map((fault) => publicError(fault, context)) });
  });
  app.post('/graphql/stream', jsonBody(deps.limits), streams);
  app.all('/graphql/stream', (_request, response) => {
    response.setHeader('allow', 'POST');
    refuse(deps, response, new Fault('BAD_REQUEST', { message: 'A stream is asked for with POST.' }), 405);
  });
  app.use(
    '/graphql',
    jsonBody(deps.limits),
    expressMiddleware(deps.apollo, {
      context: async ({ req, res }) => {
        const about = meta(req);
        res.setHeader('x-request-id', about.requestId);
        try {
          return await openScope(deps, about, req.headers.authorization);
        } catch (error) {
          const fault = faultOf(error);
          deps.refusedStranger({ code: fault.code, ...about });
          logInside(deps.log, about.requestId, fault);
          throw publicRefusal(fault, { requestId: about.requestId, decisions: deps.decisions });
        }
      },
    }),
  );
  app.use((_request, response) => {
    refuse(deps, response, new Fault('NOT_FOUND', { message: 'There is nothing at this address.' }), 404);
  });
  app.use(refusals(deps));
  return app;
}

function meta(request: Request): { requestId: string; source: string; reason: string | null } {
  const reason = givenReason(request.headers['x-reason']);
  return { requestId: randomId(), source: request.socket.remoteAddress ?? '', reason };
}

/** Everything that fails before or beside GraphQL, in the same form as a GraphQL error. */
function refusals(deps: DoorDeps): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) next(error);
    else refuse(deps, response, toldOf(deps, response, faultOf(error)));
  };
}

function toldOf(deps: DoorDeps, response: Response, fault: Fault): Fault {
  deps.refusedStranger({ code: fault.code, ...meta(response.req) });
  return fault;
}

function refuse(deps: DoorDeps, response: Response, fault: Fault, status: number = FACES[fault.code].status): void {
  const requestId = randomId();
  logInside(deps.log, requestId, fault);
  response.setHeader('x-request-id', requestId);
  response.status(status).json({ errors: [publicError(fault, { requestId, decisions: deps.decisions })] });
}
