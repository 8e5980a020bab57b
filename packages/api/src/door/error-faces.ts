import { randomId, type TokenSealer } from '@countersign/crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { FACES, Fault, type FaultCode } from '../path/faults';
import { type ErrorContext, faultOf, publicError } from '../path/public-error';
import type { RequestScope } from '../path/request-scope';
import { modestMessage } from './check-document';

export interface ErrorFacesDeps {
  readonly decisions: TokenSealer;
  readonly log: Logger;
}

/** What is known of a request when one of its errors gets its public face. */
export function errorContext({ decisions }: ErrorFacesDeps, scope: RequestScope): ErrorContext {
  return { requestId: scope.requestId, under: scope.under, decisions };
}

/** Writes what happened inside to our own log, beside the request's id. */
export function logInside(log: Logger, requestId: string, fault: Fault): void {
  const { inside } = fault.detail;
  const about = { requestId, code: fault.code, err: inside };
  if (fault.code === 'INTERNAL' || FACES[fault.code].status >= 500) log.error(about, fault.message);
  else if (inside !== undefined) log.info(about, fault.message);
}

/** An error of a resolver with its public face; what it was inside goes to the log. */
export function faceOfError(deps: ErrorFacesDeps, scope: RequestScope, error: GraphQLError): GraphQLError {
  const fault = isCoercionError(error)
    ? new Fault('BAD_USER_INPUT', { message: modestMessage(error.message) })
    : faultOf(error);
  scope.tally.verdict = fault.code === 'INTERNAL' ? 'failed' : 'refused';
  keepDenial(scope, fault);
  logInside(deps.log, scope.requestId, fault);
  return publicError(fault, errorContext(deps, scope), error.path);
}

/** Keeps a refusal for the audit log. */
export function keepDenial(scope: RequestScope, { code, detail }: Fault): void {
  const { coordinate, action, record, traced } = detail;
  if (!traced) scope.denials.push({ code, coordinate, action, record });
}

/** An error of graphql-js itself: an argument that does not coerce. Resolvers throw faults, or what drivers throw. */
function isCoercionError({ originalError }: GraphQLError): boolean {
  return !originalError || (originalError instanceof GraphQLError && !originalError.originalError);
}

/** Every error names its request and its decision, also those that Apollo wrote. */
export function withIdsOf(
  deps: ErrorFacesDeps,
  scope: RequestScope,
  error: GraphQLFormattedError,
): GraphQLFormattedError {
  if (error.extensions?.requestId === scope.requestId) return error;
  return withIds(error, errorContext(deps, scope));
}

function withIds(error: GraphQLFormattedError, context: ErrorContext): GraphQLFormattedError {
  const face = publicError(new Fault(codeOf(error)), context);
  return { ...error, extensions: { ...error.extensions, ...face.extensions } };
}

const APOLLO_CODES: Readonly<Record<string, FaultCode>> = {
  PERSISTED_QUERY_NOT_FOUND: 'DOCUMENT_NOT_ALLOWED',
  PERSISTED_QUERY_NOT_SUPPORTED: 'DOCUMENT_NOT_ALLOWED',
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
};

function codeOf({ extensions }: GraphQLFormattedError): FaultCode {
  const given = String(extensions?.code ?? 'INTERNAL');
  return APOLLO_CODES[given] ?? (Object.hasOwn(FACES, given) ? (given as FaultCode) : 'INTERNAL');
}

/**
 * The last look at an error before it leaves: whatever is not of the public table becomes INTERNAL, and whatever has no
 * ids yet gets some. Those are the requests that Apollo refused before there was a scope: another method, a body that
 * holds no operation.
 */
export function formatErrorOf({ log, decisions }: ErrorFacesDeps) {
  return (given: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const code = codeOf(given);
    if (given.extensions?.requestId) return { ...given, extensions: { ...given.extensions, code } };
    const requestId = randomId();
    if (code === 'INTERNAL') log.error({ requestId, err: error }, 'an unexpected error');
    const known = { ...given, message: messageOf(code, given.message), extensions: { code } };
    return withIds(known, { requestId, decisions });
  };
}

function messageOf(code: FaultCode, message: string): string {
  if (code === 'INTERNAL') return FACES.INTERNAL.message;
  // A document so deep that the parser gives up fails with what the engine says, which is nobody's business.
  if (code === 'GRAPHQL_PARSE_FAILED' && !message.startsWith('Syntax Error: ')) return FACES[code].message;
  return modestMessage(message);
}
