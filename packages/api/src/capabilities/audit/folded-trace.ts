import type { Slot } from '@countersign/crypto';
import type { Logger } from 'pino';
import type { AuditEvent } from './write-event';

export interface FoldedTraceDeps {
  /** Writes entries, all of them or none. */
  readonly write: (events: readonly AuditEvent[]) => Promise<void>;
  readonly log: Logger;
  readonly now: () => Date;
}

/** What repetitions have in common: who or whence, and about what. The source counts against its own quota. */
export interface FoldKey {
  readonly source: string;
  readonly about: readonly (string | null)[];
}

interface Kind {
  readonly minute: number;
  readonly event: AuditEvent;
  /** The first of it, being written or written; null when it waits for the next batch. */
  readonly first: Promise<void> | null;
  repeats: number;
  last: Date;
}

const MINUTE = 60_000;
const FLUSH_MS = 1_000;
const BATCH = 500;
/** Kinds that one source may have in a minute, and all together: what a flood can write, whatever it varies. */
const QUOTA = { source: 100, total: 1_000 } as const;
const MOST_WAITING = 5_000;

/**
 * Entries that a flood could repeat without end: denials, failed sign-ins, looks at the audit log. The first of a kind is
 * written; the further ones of the same minute become one more entry with their count. A quota for each source and for
 * all bounds how many kinds there are. Nothing here holds up or stops a change's own trace, and what could not be written
 * is counted, and told in an entry of its own once entries can be written again.
 */
export class FoldedTrace {
  private readonly kinds = new Map<string, Kind>();
  private waiting: AuditEvent[] = [];
  /** Events of the batch that is being written. */
  private inHand = 0;
  private minute = 0;
  private opened = new Map<string, number>();
  private total = 0;
  private lostCount = 0;
  private toldLost = 0;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly deps: FoldedTraceDeps) {}

  /** Events that were lost since the start: beyond the quota of all, or because the log was away for too long. */
  get lost(): number {
    return this.lostCount;
  }

  /** Entries that stand in memory only: first ones for up to a second, counts of repetitions up to the end of their minute. */
  get unwritten(): number {
    const counted = [...this.kinds.values()].filter(({ repeats }) => repeats > 0);
    return this.waiting.length + this.inHand + counted.length;
  }

  /** Leaves an entry soon. Never waits, never throws. */
  note(event: AuditEvent, key: FoldKey): void {
    const known = this.find(event, key);
    if (known) this.repeat(known, event);
    else if (this.admits(key, event.at)) this.open(event, key, null);
    else this.overflow(event, key);
  }

  /**
   * The first of its kind in a minute is written when this resolves; a further one is counted. Throws AUDIT_UNAVAILABLE
   * when the first cannot be written.
   */
  async before(event: AuditEvent, key: FoldKey): Promise<void> {
    const known = this.find(event, key);
    if (known) {
      if (known.first) await known.first;
      this.repeat(known, event);
      return;
    }
    if (!this.admits(key, event.at)) {
      this.overflow(event, key);
      return;
    }
    const first = this.deps.write([event]);
    const id = this.open(event, key, first);
    await first.catch((error: unknown) => {
      this.kinds.delete(id);
      throw error;
    });
  }

  /** Writes what is waiting and, with `all`, what is still being counted. Never throws. */
  flush(all = false): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.writing = this.writing.then(() => this.writeWaiting(all));
    return this.writing;
  }

  private find({ at }: AuditEvent, key: FoldKey): Kind | undefined {
    return this.kinds.get(idOf(minuteOf(at), key));
  }

  private repeat(kind: Kind, { at }: AuditEvent): void {
    kind.repeats += 1;
    kind.last = at;
  }

  private admits({ source }: FoldKey, at: Date): boolean {
    const minute = minuteOf(at);
    if (minute !== this.minute) {
      this.minute = minute;
      this.opened = new Map();
      this.total = 0;
    }
    const own = this.opened.get(source) ?? 0;
    if (own >= QUOTA.source || this.total >= QUOTA.total) return false;
    this.opened.set(source, own + 1);
    this.total += 1;
    return true;
  }

  private open(event: AuditEvent, key: FoldKey, first: Promise<void> | null): string {
    const id = idOf(minuteOf(event.at), key);
    this.kinds.set(id, { minute: minuteOf(event.at), event, first, repeats: 0, last: event.at });
    if (!first) this.waiting.push(event);
    this.schedule();
    return id;
  }

  /** One entry for everything of a source that its quota left out. */
  private overflow(event: AuditEvent, { source }: FoldKey): void {
    const key = { source, about: ['beyond the quota', event.action] };
    const known = this.find(event, key);
    if (known) {
      this.repeat(known, event);
      return;
    }
    if (this.total >= QUOTA.total) {
      this.lostCount += 1;
      this.schedule();
      return;
    }
    this.total += 1;
    const { action, at } = event;
    const reason = 'further ones of this source in the same minute, not told apart';
    this.open({ action, at, reason, slots: { source: [null, source] } }, key, null);
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  private async writeWaiting(all: boolean): Promise<void> {
    const present = minuteOf(this.deps.now());
    for (const [id, kind] of this.kinds) {
      if (kind.minute >= present && !all) continue;
      this.kinds.delete(id);
      if (kind.repeats > 0) this.waiting.push(countOf(kind));
    }
    if (this.lostCount > this.toldLost) this.waiting.push(this.lossSoFar());
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH);
      this.inHand = batch.length;
      try {
        await this.deps.write(batch);
        for (const { slots } of batch) this.toldLost = Math.max(this.toldLost, Number(slots?.lost?.[1] ?? 0));
      } catch (error) {
        this.keep(batch, error);
        break;
      } finally {
        this.inHand = 0;
      }
    }
    if (this.waiting.length > 0 || this.kinds.size > 0) this.schedule();
  }

  /** What could not be written waits for the next time, as far as there is room. */
  private keep(batch: AuditEvent[], error: unknown): void {
    const kept = [...batch, ...this.waiting].filter(({ slots }) => !slots?.lost);
    const beyond = Math.max(0, kept.length - MOST_WAITING);
    this.waiting = kept.slice(beyond);
    this.lostCount += beyond;
    this.deps.log.warn({ err: error, waiting: this.waiting.length, lost: this.lostCount }, 'the audit log is away');
  }

  private lossSoFar(): AuditEvent {
    return {
      action: 'SYSTEM',
      at: this.deps.now(),
      reason: 'events that should have been traced were lost',
      slots: { event: [null, 'loss'], lost: [this.toldLost, this.lostCount] },
    };
  }
}

function countOf({ event, repeats, last }: Kind): AuditEvent {
  const more: Record<string, Slot> = { count: [null, repeats], until: [null, last.toISOString()] };
  return { ...event, slots: { ...event.slots, ...more } };
}

function minuteOf(at: Date): number {
  return Math.floor(at.getTime() / MINUTE);
}

function idOf(minute: number, { source, about }: FoldKey): string {
  return JSON.stringify([minute, source, about]);
}
