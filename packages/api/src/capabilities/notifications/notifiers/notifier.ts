/** One message, by whatever way it goes. */
export interface Message {
  /** The same on every attempt, and different for each receiver: what comes twice can be told by it. */
  readonly id: string;
  readonly event: string;
  readonly happenedAt: string;
  readonly subject: string;
  readonly status: string | null;
  readonly objectName: string | null;
  /** Where it goes, for a way that reaches persons. */
  readonly address: string | null;
}

/**
 * A way for messages to leave. `deliver` resolves once the receiver has taken the message over; it throws
 * DeliveryFailed otherwise, also when that is merely unknown, and is asked again with the same message later.
 */
export interface Notifier {
  readonly channel: 'log' | 'email' | 'webhook';
  /** Whether each person gets a message of their own. */
  readonly personal: boolean;
  deliver(message: Message, signal: AbortSignal): Promise<void>;
}

/** The receiver has not taken a message. `why` is a code; it never repeats what the receiver said. */
export class DeliveryFailed extends Error {
  constructor(
    readonly channel: Notifier['channel'],
    readonly why: string,
  ) {
    super(`${channel}: ${why}`);
    this.name = 'DeliveryFailed';
  }
}

/** A code for what went wrong underneath. */
export function codeOf(error: unknown): string {
  const { name, cause, code: own } = (error ?? {}) as { name?: unknown; cause?: { code?: unknown }; code?: unknown };
  if (name === 'TimeoutError') return 'timeout';
  if (name === 'AbortError') return 'stopped';
  const code = cause?.code ?? own;
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'failed';
}
