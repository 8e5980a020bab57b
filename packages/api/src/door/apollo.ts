import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import { Fault } from '../path/faults';
import { publicRefusal } from '../path/public-error';
import { stringifyWithRaw } from '../path/raw-json';
import type { RequestScope } from '../path/request-scope';
import { errorContext, formatErrorOf, withIdsOf } from './error-faces';
import { Introspection } from './introspection';
import { type Run, type RunDeps, runOperation } from './run-operation';

export interface ApolloDeps extends Omit<RunDeps, 'introspection'> {
  /** A schema for Apollo to hold; documents are validated against that of their caller's class instead. */
  readonly schema: GraphQLSchema;
  /** Leaves the event of an operation and the trace of what it was denied. Never blocks. */
  readonly recordOperation: (scope: RequestScope, operationName: string | null) => void;
}

/** Apollo as the door: it parses and speaks HTTP; what a document may say and how it is answered is decided here. */
export function createApollo(deps: ApolloDeps): ApolloServer<RequestScope> {
  return new ApolloServer<RequestScope>({
    gateway: gatewayOf({ ...deps, introspection: new Introspection() }),
    dangerouslyDisableValidation: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    introspection: true,
    // A store of documents that one caller fills and another reads would tell who asks what.
    persistedQueries: false,
    parseOptions: { maxTokens: deps.limits.documentTokens },
    stringifyResult: (value) => stringifyWithRaw(value),
    formatError: formatErrorOf(deps),
    logger: {
      debug() {},
      info() {},
      warn: (text) => deps.log.warn(text),
      error: (text) => deps.log.error(text),
    },
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

function gatewayOf(deps: ApolloDeps & RunDeps): Gateway {
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
            if (result.errors) result.errors = result.errors.map((error) => withIdsOf(deps, scope, error));
          }
          if (scope.httpStatus !== null) response.http.status = scope.httpStatus;
          response.http.headers.set('x-request-id', scope.requestId);
          deps.recordOperation(scope, operation?.name?.value ?? null);
        },
      };
    },
  };
}
