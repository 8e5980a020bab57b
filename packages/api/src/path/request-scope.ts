import type { GraphQLError } from 'graphql';
import type { DecisionAction } from './decision-action';
import type { FaultCode } from './faults';
import type { DecidedUnder } from './rooms';

/** What one operation did, for its event. Filled while it runs. */
export interface OperationTally {
  /** Records answered or changed, by object. */
  readonly records: Record<string, number>;
  statements: number;
  /** Values that its root fields may answer together. */
  cost: number;
  verdict: 'ok' | 'refused' | 'failed';
}

/** Something that the caller was not let; it goes into the audit log. */
export interface Denial {
  readonly code: FaultCode;
  readonly coordinate?: string;
  readonly action?: DecisionAction;
  readonly record?: { readonly object: string; readonly id: string };
}

/** What `extensions.withheld` says of one selection. It comes from the plan, so it says nothing about any record. */
export interface WithheldNotice {
  readonly coordinate: string;
  /** SELECT, FILTER, SORT, GROUP, AGGREGATE or HAVING. */
  readonly use: string;
  /** Response keys down to the selection. */
  readonly selection: string;
  /** The same, up to the first list. */
  readonly path: readonly (string | number)[];
}

/** What a stream of events is answered under: it outlives the moment at which its caller was identified. */
export interface LiveScope {
  /** Over when the caller is gone, or the gateway stops. */
  readonly signal: AbortSignal;
  /**
   * Identifies the caller anew, under the present head, and decides under that from now on. Throws UNAUTHENTICATED when
   * the token has run out or the user may not sign in any more, POLICY_UNAVAILABLE.
   */
  again(): Promise<DecidedUnder>;
  /** Whether the caller takes up less than is made for them. */
  isBehind(): boolean;
}

/** One HTTP request as the rooms see it: who, under what, and where its errors and counts go. */
export interface RequestScope {
  readonly requestId: string;
  readonly receivedAt: Date;
  /** Why the caller says it is done: the header `x-reason`. It goes into the trace. */
  readonly reason?: string | null;
  /** Network address of the caller. */
  readonly source: string;
  /** Digest of the document's text; empty until it was parsed. */
  documentKey: string;
  /** What everything in this request is decided under; replaced as a whole when the head has moved on. */
  under: DecidedUnder;
  /** Whether the head is no longer the one decided under. */
  hasMoved(): Promise<boolean>;
  /** Reads the head anew and decides under it from now on. Throws POLICY_UNAVAILABLE, UNAUTHENTICATED. */
  refresh(): Promise<DecidedUnder>;
  /** Whether the document still fits the schema of the caller's class, after that was decided anew. */
  revalidate: () => boolean;
  /** Only of a subscription. */
  readonly live?: LiveScope;
  /** Set when the operation is refused as a whole. */
  httpStatus: number | null;
  /** One error per refused selection, added to those of the execution. */
  readonly errors: GraphQLError[];
  /** Selections whose answer depends on a cell rule. */
  readonly withheld: WithheldNotice[];
  readonly tally: OperationTally;
  /** Every refusal of the request, for the audit log. */
  readonly denials: Denial[];
  /** At most so many statements of one request run at a time. */
  limited<T>(run: () => Promise<T>): Promise<T>;
}
