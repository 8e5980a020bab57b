import type { Slot } from '@countersign/crypto';
import type { FaultCode } from '../../path/faults';
import type { Denial, RequestScope } from '../../path/request-scope';
import type { FoldedTrace } from './folded-trace';
import { markOf, traceOfRequest } from './trace-context';

/** Codes that say that somebody was not let. Whoever only made a mistake is not denied anything. */
const DENIALS: ReadonlySet<FaultCode> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'FIELD_FORBIDDEN',
  'STEP_UP_REQUIRED',
  'NOT_FOUND',
  'RATE_LIMITED',
  'CANNOT_SEE_CHANGE',
  'DOCUMENT_NOT_ALLOWED',
]);

/** Leaves the entries of everything that a request was denied; those of a kind are folded. Never waits, never throws. */
export function noteDenials(folded: FoldedTrace, scope: RequestScope): void {
  const { principal } = scope.under;
  const { userId, clientId } = principal.values;
  const mark = markOf(principal.breakGlass);
  for (const denial of scope.denials) {
    if (!isDenial(denial, principal.audience)) continue;
    const { code, coordinate = null, action = null, record = null } = denial;
    const object = record?.object ?? coordinate?.split('.')[0] ?? null;
    const facts: Record<string, Slot> = { source: [null, scope.source] };
    if (coordinate !== null) facts.coordinate = [null, coordinate];
    if (action !== null) facts.action = [null, action];
    folded.note(
      {
        ...traceOfRequest(scope),
        action: 'DENIED',
        code,
        object,
        recordId: record?.id ?? null,
        slots: facts,
      },
      { source: scope.source, about: [userId, clientId, mark, code, coordinate, action, object, record?.id ?? null] },
    );
  }
}

/** The same for a request that was refused before it was known who asks. */
export function noteRefusal(folded: FoldedTrace, { code, at, requestId, source }: StrangersRefusal): void {
  if (!DENIALS.has(code)) return;
  const slots: Record<string, Slot> = { source: [null, source] };
  folded.note({ action: 'DENIED', code, at, requestId, slots }, { source, about: ['stranger', code] });
}

export interface StrangersRefusal {
  readonly code: FaultCode;
  readonly at: Date;
  readonly requestId: string;
  readonly source: string;
}

/** To a portal a hidden field is an unknown one, so a document that does not fit may be a look for what is hidden. */
function isDenial({ code }: Denial, audience: 'staff' | 'portal'): boolean {
  return DENIALS.has(code) || (code === 'GRAPHQL_VALIDATION_FAILED' && audience === 'portal');
}
