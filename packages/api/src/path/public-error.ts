import { HashingBusy, type TokenSealer } from '@countersign/crypto';
import { GraphQLError } from 'graphql';
import type { DecisionAction } from './decision-action';
import { sealDecision } from './decision-token';
import { FACES, Fault, type FaultCode, type FaultDetail } from './faults';
import type { DecidedUnder } from './rooms';

/** What is known of the request when an error is written. Early errors know neither caller nor policy. */
export interface ErrorContext {
  readonly requestId: string;
  readonly under?: DecidedUnder;
  readonly decisions: TokenSealer;
}

/**
 * The public face of a fault: a stable code, a message that says nothing of the inside, the request's id, and a decision
 * id. The decision id is a sealed token (policy version, principal, coordinate, action, code), so nothing has to be stored for
 * the refusal to be explained later.
 */
export function publicError(fault: Fault, context: ErrorContext, path?: readonly (string | number)[]): GraphQLError {
  const { code, detail } = fault;
  const where = detail.path ?? path;
  const error = new GraphQLError(fault.message, {
    ...(where ? { path: where } : {}),
    extensions: {
      code,
      requestId: context.requestId,
      decisionId: decisionId(code, detail, context),
      ...(detail.coordinate ? { coordinate: detail.coordinate } : {}),
      ...(detail.selection ? { selection: detail.selection } : {}),
      ...remedyOf(fault, context),
    },
  });
  if (detail.locations) Object.defineProperty(error, 'locations', { value: detail.locations, enumerable: true });
  return error;
}

/** What would help, where policy refused a field or an action; portals are told nothing that could name what is hidden. */
function remedyOf({ code, detail }: Fault, { under }: ErrorContext): { remedy?: string } {
  if (under?.principal.audience !== 'staff' || !detail.coordinate) return {};
  if (code !== 'FIELD_FORBIDDEN' && code !== 'FORBIDDEN') return {};
  if (detail.because === 'own-rights') return { remedy: 'Somebody else has to change your rights.' };
  if (detail.because === 'cell-rule') return { remedy: 'Set it only in records in which you see it.' };
  return { remedy: `Ask a security admin for a role that allows this on ${detail.coordinate}.` };
}

/** A response of HTTP level for a request that fails as a whole. */
export function publicRefusal(fault: Fault, context: ErrorContext): GraphQLError {
  const error = publicError(fault, context);
  return new GraphQLError(error.message, {
    extensions: { ...error.extensions, http: { status: FACES[fault.code].status } },
  });
}

/** The decision id of an answer that is not a refusal. */
export function publicDecisionId(
  under: DecidedUnder,
  about: { readonly coordinate?: string; readonly action?: DecisionAction },
  decisions: TokenSealer,
): string {
  return decisionId('OK', about, { requestId: '', under, decisions });
}

type Decided = Pick<FaultDetail, 'coordinate' | 'action' | 'because'>;

function decisionId(
  code: FaultCode | 'OK',
  { coordinate = null, action = null, because = null }: { [Part in keyof Decided]: Decided[Part] | null },
  { under, decisions }: ErrorContext,
): string {
  const caller = under ? (under.principal.values.userId ?? under.principal.values.clientId) : null;
  const { policyVersion = null, peopleEpoch = null } = under?.head ?? {};
  return sealDecision(decisions, { policyVersion, peopleEpoch, caller, coordinate, action, because, code });
}

/** The fault behind anything that was thrown; what is not one of ours is INTERNAL, with the cause kept inside. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // graphql-js wraps what a resolver throws.
  const original = (error as { originalError?: unknown } | null)?.originalError;
  if (original) return faultOf(original);
  if (error instanceof HashingBusy) return new Fault('RATE_LIMITED', { inside: error });
  if (isDatabaseAway(error)) return new Fault('POLICY_UNAVAILABLE', { inside: error });
  if (nothingCanBeWritten(error)) return new Fault('AUDIT_UNAVAILABLE', { inside: error });
  if (sqlState(error) === STATEMENT_TIMEOUT) {
    return new Fault('COST_LIMIT', { message: 'The operation took too long; ask for less.', inside: error });
  }
  return new Fault('INTERNAL', { inside: error });
}

const STATEMENT_TIMEOUT = '57014';

/** read_only_sql_transaction, disk_full, io_error (PostgreSQL, appendix A). */
const UNWRITABLE: ReadonlySet<string | null> = new Set(['25006', '53100', '58030']);

/** The database answers, and takes nothing: then nothing can be traced either. */
export function nothingCanBeWritten(error: unknown): boolean {
  return (
    UNWRITABLE.has(sqlState(error)) ||
    UNWRITABLE.has(sqlState((error as { driverError?: unknown } | null)?.driverError))
  );
}

/** Without the database there is no head, so nothing can be decided. */
function isDatabaseAway(error: unknown): boolean {
  // What ends a connection, or does not let one begin, for whichever reason.
  const severity = (error as { severity?: unknown } | null)?.severity;
  if (severity === 'FATAL' || severity === 'PANIC') return true;
  const code = sqlState(error);
  if (code === null) return /Connection terminated|timeout exceeded when trying to connect/.test(String(error));
  return (
    code.startsWith('08') || code.startsWith('57P') || ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '53300'].includes(code)
  );
}

function sqlState(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}
