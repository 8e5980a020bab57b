import type { RequestScope } from '../../path/request-scope';
import type { DecidedUnder } from '../../path/rooms';
import type { FoldKey } from './folded-trace';
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

/** Sets what is folded under break-glass apart from the same without: an entry says which of the two it was. */
export function markOf(breakGlass: boolean | undefined): string | null {
  return breakGlass ? 'break-glass' : null;
}

/** How looks at the audit log are folded. */
export function lookKey(
  { userId = null, clientId = null, breakGlass }: Partial<TraceContext>,
  source: string,
): FoldKey {
  return { source, about: ['look', userId, clientId, markOf(breakGlass)] };
}

/** The same of a request; `reason` stands in for one that the caller did not give. */
export function traceOfRequest(scope: RequestScope, reason: string | null = null): TraceContext {
  const { receivedAt, requestId } = scope;
  return traceContext(scope.under, { at: receivedAt, requestId, reason: scope.reason ?? reason });
}
