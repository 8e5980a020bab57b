import { isUuid } from '@countersign/schema';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { HEAD_CHANNEL } from '../../records/authority-head';
import { PENDING_CHANNEL } from './announce-change';
import { Ear } from './ear';

const RETRY_MS = 1_000;
/** Tokens run out without anybody saying so. */
const TICK_MS = 10_000;
/** So do delegations, roles and the time of a level. */
const RELOOK_MS = 60_000;

/**
 * Hears which pending changes have moved, on any gateway: by one connection for all who listen, while anybody does. It is
 * a hint and nothing else. When the connection is lost, everybody looks at everything once it is back.
 */
export class PendingFeed {
  private readonly ears = new Set<Ear>();
  private client: PoolClient | null = null;
  private connecting = false;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly pool: Pool,
    private readonly log: Logger,
  ) {}

  /** Hints from now on, until the signal. */
  hear(signal: AbortSignal): Ear {
    const ear = new Ear(signal);
    if (signal.aborted) return ear;
    this.ears.add(ear);
    signal.addEventListener('abort', () => this.leave(ear), { once: true });
    if (this.ears.size === 1) this.begin();
    else if (!this.client) void this.connect();
    return ear;
  }

  private begin(): void {
    const every = (ms: number, call: () => void) => this.timers.push(setInterval(call, ms).unref());
    every(TICK_MS, () => this.tell((ear) => ear.tick()));
    every(RELOOK_MS, () => this.tell((ear) => ear.hear(null)));
    void this.connect();
  }

  private leave(ear: Ear): void {
    this.ears.delete(ear);
    if (this.ears.size > 0) return;
    for (const timer of this.timers.splice(0)) clearInterval(timer);
    this.client?.release(true);
    this.client = null;
  }

  private async connect(): Promise<void> {
    if (this.client || this.connecting || this.ears.size === 0) return;
    this.connecting = true;
    try {
      const client = await this.pool.connect();
      client.on('error', () => this.lost(client));
      client.on('end', () => this.lost(client));
      client.on('notification', ({ channel, payload = '' }) => {
        if (channel === HEAD_CHANNEL) this.tell((ear) => ear.tick());
        // Whoever may sign in to the database can say anything here.
        else this.tell((ear) => ear.hear(isUuid(payload) ? payload.toLowerCase() : null));
      });
      this.client = client;
      await client.query(`listen ${PENDING_CHANNEL}; listen ${HEAD_CHANNEL}`);
      // What was said before anybody listened.
      this.tell((ear) => ear.hear(null));
    } catch (error) {
      this.log.warn({ err: error }, 'live updates could not be listened for');
      this.lost(this.client);
    } finally {
      this.connecting = false;
    }
    if (this.ears.size === 0 && this.client) {
      this.client.release(true);
      this.client = null;
    }
  }

  private lost(client: PoolClient | null): void {
    if (client !== null && client === this.client) {
      this.client = null;
      client.release(true);
    }
    if (this.ears.size > 0) setTimeout(() => void this.connect(), RETRY_MS).unref();
  }

  private tell(say: (ear: Ear) => void): void {
    for (const ear of this.ears) say(ear);
  }
}
