import type { RequestScope } from '../../path/request-scope';
import type { DecidedUnder } from '../../path/rooms';
import type { TraceContext } from './trace-entry';

/** What a trace says besides the principal: when, in which request, and why. */
export interface TraceOccasion {
  readonly at: Date;
  readonly requestId: string | null;
  readonly reason?: string | null;
}

/** What all entries have in common that are written for a principal under a head. */
export function traceContext(
  { principal, head }: Pick<DecidedUnder, 'principal' | 'head'>,
  { at, requestId, reason = null }: TraceOccasion,
): TraceContext {
  const { userId, personId, clientId } = principal.values;
  const { sessionId, onBehalfOf = null, breakGlass = false } = principal;
  const { policyVersion } = head;
  return { at, userId, personId, clientId, sessionId, onBehalfOf, breakGlass, requestId, policyVersion, reason };
}

/** The same of a request; `reason` stands in for one that the caller did not give. */
export function traceOfRequest(scope: RequestScope, reason: string | null = null): TraceContext {
  const { receivedAt, requestId } = scope;
  return traceContext(scope.under, { at: receivedAt, requestId, reason: scope.reason ?? reason });
}
