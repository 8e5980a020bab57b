import { canonicalJson, commitSlots, randomId, type Slot } from '@countersign/crypto';

export type AuditAction =
  | 'CREATE'
  | 'UPDATE'
  | 'DELETE'
  | 'SIGN_IN'
  | 'SIGN_IN_FAILED'
  | 'READ'
  | 'DENIED'
  | 'EXPORT'
  | 'PUBLISH'
  | 'SYSTEM';

/** Who, when, in which request, under which policy: what all entries of one request have in common. */
export interface TraceContext {
  readonly at: Date;
  readonly userId: string | null;
  readonly personId: string | null;
  readonly clientId: string | null;
  /** The session it was done in. */
  readonly sessionId?: string | null;
  /** The user in whose stead somebody acted; for a signature, the absent person. */
  readonly onBehalfOf?: string | null;
  /** True when rights that were lent for an emergency were in force. */
  readonly breakGlass?: boolean;
  readonly requestId: string | null;
  readonly policyVersion: number | null;
  readonly reason: string | null;
}

/** What happened: a change of one record, or an event without one. */
export interface TraceSubject {
  readonly action: AuditAction;
  readonly object: string | null;
  readonly recordId: string | null;
  /** The public code that it ended with; absent for what was done. */
  readonly code?: string | null;
  /** `{field: [old, new]}`; may be empty. */
  readonly slots: Readonly<Record<string, Slot>>;
}

/** An entry as the statements of this folder take it, inside a JSON parameter. */
export interface TraceRow {
  readonly id: string;
  readonly at: string;
  readonly action: AuditAction;
  readonly object: string | null;
  readonly record: string | null;
  readonly user: string | null;
  readonly person: string | null;
  readonly client: string | null;
  readonly session: string | null;
  readonly behalf: string | null;
  readonly glass: boolean;
  readonly code: string | null;
  readonly request: string | null;
  readonly policy: number | null;
  readonly reason: string | null;
  readonly header: string;
  /** Base64, like the salts. */
  readonly commitments: string;
  readonly slots: Readonly<Record<string, Slot>> | null;
  readonly salts: string | null;
}

const LONGEST_REASON = 500;
const LONGEST_REQUEST = 120;

/** Makes the entries of one request; what they have in common is worked out once. */
export type EntryMaker = (subject: TraceSubject) => TraceRow;

/**
 * Makes entries in the one format: a header in RFC 8785 form and, for each slot in the order that the header lists, a
 * salted commitment. Values and salts stand beside them and may one day be sealed or erased; header and commitments stay.
 *
 * The header's member `v` names its format. Version 1 had no breakGlass, code, onBehalfOf and session; entries of that
 * version stay as they were written.
 */
export function entryMaker(context: TraceContext): EntryMaker {
  const milliseconds = context.at.getTime();
  const at = context.at.toISOString();
  const reason = storable(context.reason, LONGEST_REASON);
  const request = storable(context.requestId, LONGEST_REQUEST);
  const session = storable(context.sessionId ?? null, LONGEST_REQUEST);
  const { userId: user, personId: person, clientId: client, policyVersion: policy } = context;
  const { onBehalfOf: behalf = null, breakGlass: glass = false } = context;
  const common = { at, user, person, client, session, behalf, glass, request, policy, reason };
  // The keys in the order of RFC 8785, joined by hand: printing whole headers would be half the cost of an entry.
  const texts = {
    at: `,"at":"${at}","breakGlass":${glass},"client":${canonicalJson(client)},"code":`,
    id: `,"id":"`,
    object: `","object":`,
    behalf:
      `,"onBehalfOf":${canonicalJson(behalf)},"outside":false,"person":${canonicalJson(person)}` +
      `,"policyVersion":${canonicalJson(policy)},"reason":${canonicalJson(reason)},"record":`,
    request: `,"request":${canonicalJson(request)},"session":${canonicalJson(session)},"slots":`,
    user: `,"user":${canonicalJson(user)},"v":2}`,
  };
  return ({ action, object, recordId, code = null, slots }) => {
    const { names, commitments, salts } = commitSlots(slots);
    const id = randomId(milliseconds);
    const header =
      `{"action":"${action}"${texts.at}${JSON.stringify(code)}${texts.id}${id}${texts.object}${JSON.stringify(object)}` +
      `${texts.behalf}${JSON.stringify(recordId)}${texts.request}${JSON.stringify(names)}${texts.user}`;
    const empty = names.length === 0;
    return {
      id,
      action,
      object,
      record: recordId,
      code,
      ...common,
      header,
      commitments: commitments.toString('base64'),
      slots: empty ? null : slots,
      salts: empty ? null : salts.toString('base64'),
    };
  };
}

/** Cut to so many code points, and without the characters that no text column can hold: a trace must not fail on them. */
function storable(text: string | null, longest: number): string | null {
  if (text === null) return null;
  return [...text.replace(/\p{Surrogate}|\0/gu, '\ufffd')].slice(0, longest).join('');
}
