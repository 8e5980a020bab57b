import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { randomId, type TokenSealer } from '@countersign/crypto';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import { printSchema } from 'graphql';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Identify } from '../capabilities/identity/identify';
import { FACES, Fault } from '../path/faults';
import type { Limits } from '../path/limits';
import { faultOf, publicError, publicRefusal } from '../path/public-error';
import type { RequestScope } from '../path/request-scope';
import { readHead } from '../snapshot/snapshot-store';
import { logInside } from './apollo';
import { explorerPage } from './explorer-page';
import { jsonBody } from './json-body';
import { openScope } from './open-scope';

export interface DoorDeps {
  readonly apollo: ApolloServer<RequestScope>;
  readonly identify: Identify;
  readonly refreshWorld: () => Promise<unknown>;
  readonly pool: Pool;
  readonly decisions: TokenSealer;
  readonly limits: Limits;
  readonly log: Logger;
  readonly now: () => Date;
}

/** The HTTP side of the gateway: what is answered at which address. */
export function createDoor(deps: DoorDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use((_request, response, next) => {
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
  app.get('/', explorerPage());
  app.get('/schema.graphql', async (request, response) => {
    const scope = await openScope(deps, meta(request), request.headers.authorization);
    // An answer without a statement of its own reads the head first.
    if (await scope.hasMoved()) await scope.refresh();
    response.setHeader('cache-control', 'no-store');
    response.type('text/plain').send(`${printSchema(scope.under.authority.servedSchema)}\n`);
  });
  app.use(
    '/graphql',
    jsonBody(deps.limits),
    expressMiddleware(deps.apollo, {
      context: async ({ req }) => {
        const about = meta(req);
        try {
          return await openScope(deps, about, req.headers.authorization);
        } catch (error) {
          const fault = faultOf(error);
          logInside(deps.log, about.requestId, fault);
          throw publicRefusal(fault, { requestId: about.requestId, decisions: deps.decisions });
        }
      },
    }),
  );
  app.use((_request, response) => {
    response
      .status(404)
      .json({ errors: [{ message: 'There is nothing at this address.', extensions: { code: 'NOT_FOUND' } }] });
  });
  app.use(refusals(deps));
  return app;
}

function meta(request: Request): { requestId: string; source: string } {
  return { requestId: randomId(), source: request.socket.remoteAddress ?? '' };
}

/** Everything that fails before or beside GraphQL, in the same form as a GraphQL error. */
function refusals(deps: DoorDeps): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const fault = error instanceof Fault ? error : faultOf(error);
    const requestId = randomId();
    logInside(deps.log, requestId, fault);
    response.setHeader('x-request-id', requestId);
    response
      .status(FACES[fault.code].status)
      .json({ errors: [publicError(fault, { requestId, decisions: deps.decisions })] });
  };
}
