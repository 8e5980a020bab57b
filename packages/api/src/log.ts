import pino, { type DestinationStream, type Logger } from 'pino';

/** Our own log: JSON lines on standard output. Errors are written without any value of a record. */
export function createLog(level: string, to?: DestinationStream): Logger {
  return pino({ level, serializers: { err: errorForLog, error: errorForLog } }, to ?? pino.destination(1));
}

/**
 * What the log may say of an error. A database error repeats the values it stumbled over, in its message, its detail, its
 * parameters; of those only the codes and names of things are kept.
 */
export function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : { type: typeof error };
  const { driverError, code, table, constraint, column, routine } = error as Error & Record<string, unknown>;
  if (driverError instanceof Error) return errorForLog(driverError);
  if (typeof code === 'string' && 'severity' in error) {
    return { type: error.name, code, table, constraint, column, routine, stack: callsOf(error) };
  }
  const cause = (error as { detail?: { inside?: unknown } }).detail?.inside ?? error.cause;
  return {
    type: error.name,
    message: error.message,
    code,
    stack: callsOf(error),
    ...(cause === undefined ? {} : { cause: errorForLog(cause) }),
  };
}

/** The calls of a stack, without the message that V8 puts before them. */
function callsOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 15)
    .map((line) => line.trim())
    .join('\n');
}
