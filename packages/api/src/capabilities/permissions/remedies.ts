import type { DecisionReason } from '../../path/decision-action';
import { FACES, type FaultCode } from '../../path/faults';

/** What helps where no rule was asked: the refusal lies in the request, the caller or the moment. */
const REMEDIES: Readonly<Partial<Record<FaultCode, string>>> = {
  UNAUTHENTICATED: 'Sign in, and send the access token with the request.',
  FORBIDDEN: 'Ask a security admin what stands against it.',
  STEP_UP_REQUIRED: 'Prove anew who you are, then try again.',
  NOT_FOUND: 'There is no such thing for you: it does not exist, or lies outside what you may touch.',
  CONFLICT: 'Read the record anew, then repeat the change on its present version.',
  COST_LIMIT: 'Ask for less: fewer fields, smaller pages, or several requests.',
  RATE_LIMITED: 'Wait a moment, then try again.',
  GRAPHQL_PARSE_FAILED: 'Correct the document.',
  GRAPHQL_VALIDATION_FAILED: 'Correct the document: the schema that is served to you is at /schema.graphql.',
  BAD_REQUEST: 'Correct the request.',
  BAD_USER_INPUT: 'Correct the value that the message names.',
  TOO_LARGE: 'Send less at a time.',
  POLICY_UNAVAILABLE: 'Try again in a moment; if it lasts, tell whoever runs the gateway.',
  AUDIT_UNAVAILABLE: 'Try again in a moment; if it lasts, tell whoever runs the gateway.',
  INTERNAL: 'Tell whoever runs the gateway the request id of the error.',
};

/** The remedy of a refusal that no rule about an object or a field brought about. */
export function codeRemedy(code: FaultCode | 'OK'): string {
  if (code === 'OK') return '';
  return REMEDIES[code] ?? FACES[code].message;
}

/** The remedy of a refusal that stands although the rules allow the action. */
export function reasonRemedy(because: DecisionReason): string {
  switch (because) {
    case 'own-rights':
      return 'Nobody changes what they themselves may do: have another security admin do it.';
    case 'cell-rule':
      return 'A cell rule limits it: it can be set only where it is shown to you, before the change and after it.';
    case 'write-scope':
      return 'Afterwards the record would lie outside the records that you may write: have somebody do it who may.';
    case 'maker-checker':
      return 'Nobody decides about their own change: it waits for somebody else who may sign it.';
  }
}
