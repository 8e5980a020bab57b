import type { DecisionAction, DecisionReason } from './decision-action';

/**
 * Everything that may go wrong, with its public face. A code without a row here does not compile, and nothing else about
 * a fault ever leaves the house: no SQLSTATE, no constraint, no role, no key id, no stack.
 */
interface PublicFace {
  /** HTTP status when the whole request fails with it. */
  readonly status: number;
  readonly message: string;
}

export const FACES = {
  UNAUTHENTICATED: { status: 401, message: 'Sign in first.' },
  FORBIDDEN: { status: 200, message: 'You may not do this.' },
  FIELD_FORBIDDEN: { status: 200, message: 'You may not use this field in this way.' },
  STEP_UP_REQUIRED: { status: 200, message: 'This needs a fresh proof of who you are.' },
  NOT_FOUND: { status: 200, message: 'There is no such record.' },
  CONFLICT: { status: 200, message: 'The record has changed meanwhile.' },
  BAD_REQUEST: { status: 400, message: 'The request is not well-formed.' },
  BAD_USER_INPUT: { status: 400, message: 'A value is not acceptable.' },
  GRAPHQL_PARSE_FAILED: { status: 400, message: 'The document is not GraphQL.' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, message: 'The document does not fit the schema.' },
  TOO_LARGE: { status: 413, message: 'The request is too large.' },
  COST_LIMIT: { status: 400, message: 'The operation asks for too much.' },
  RATE_LIMITED: { status: 429, message: 'Too many requests; try again later.' },
  KEY_UNAVAILABLE: { status: 200, message: 'The key for this field is not available.' },
  INTEGRITY: { status: 200, message: 'A stored value is not what was stored.' },
  AUDIT_UNAVAILABLE: { status: 503, message: 'The audit log cannot be written.' },
  POLICY_UNAVAILABLE: { status: 503, message: 'No decision can be made now.' },
  CANNOT_SEE_CHANGE: { status: 200, message: 'You cannot see what you are asked to agree to.' },
  ALREADY_DECIDED: { status: 200, message: 'This has been decided already.' },
  DOCUMENT_NOT_ALLOWED: { status: 400, message: 'This document is not registered.' },
  INTERNAL: { status: 500, message: 'Something went wrong here.' },
} as const satisfies Record<string, PublicFace>;

export type FaultCode = keyof typeof FACES;

export interface FaultDetail {
  /** Replaces the code's general message; must say nothing that the caller may not know. */
  readonly message?: string;
  /** `Invoice.taxId`: what policy refused. */
  readonly coordinate?: string;
  /** What was to be done there. Sealed into the decision id, for the explanation. */
  readonly action?: DecisionAction;
  /** Sealed as well: why it is refused although the rules allow it. */
  readonly because?: DecisionReason;
  /** Response keys down to the refused selection. */
  readonly selection?: string;
  /** Where the answer is null because of it. */
  readonly path?: readonly (string | number)[];
  /** Where in the document, for errors of validation. */
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  /** The record that was asked for and is not to be told of; for the trace alone. */
  readonly record?: { readonly object: string; readonly id: string };
  /** True for a refusal that is in the audit log already, under a name of its own. */
  readonly traced?: boolean;
  /** The reason for our own log. Never leaves. */
  readonly inside?: unknown;
}

/** A refusal or a failure with a stable public code. */
export class Fault extends Error {
  constructor(
    readonly code: FaultCode,
    readonly detail: FaultDetail = {},
  ) {
    super(detail.message ?? FACES[code].message);
    this.name = 'Fault';
  }
}
