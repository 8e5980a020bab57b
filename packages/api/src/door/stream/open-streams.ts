import { Fault } from '../../path/faults';

export interface StreamLimits {
  /** At a time, of everybody together. */
  readonly streams: number;
  /** At a time, of one user. */
  readonly streamsOfOne: number;
}

/** The streams that are open now. */
export class OpenStreams {
  private readonly open = new Map<AbortController, string>();
  private closed = false;

  constructor(private readonly limits: StreamLimits) {}

  get size(): number {
    return this.open.size;
  }

  /** Takes a place for a stream of somebody. Throws RATE_LIMITED when there is none. */
  take(who: string): AbortController {
    const own = [...this.open.values()].filter((other) => other === who).length;
    if (this.closed || this.open.size >= this.limits.streams || own >= this.limits.streamsOfOne) {
      throw new Fault('RATE_LIMITED', { message: 'Too many streams are open.' });
    }
    const stream = new AbortController();
    this.open.set(stream, who);
    stream.signal.addEventListener('abort', () => this.open.delete(stream), { once: true });
    return stream;
  }

  /** Ends all streams, and opens no new ones. */
  close(): void {
    this.closed = true;
    for (const stream of [...this.open.keys()]) stream.abort();
  }
}
