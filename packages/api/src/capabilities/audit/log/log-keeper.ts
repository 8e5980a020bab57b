import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AnchorRefused, type AuditAnchor } from '../anchors/audit-anchor';
import type { AuditGate } from './audit-gate';
import { measureTail, type Tail } from './measure-tail';
import { MOST_IN_A_CHECKPOINT, type SealDeps, sealCheckpoint } from './seal-checkpoint';
import { StoredTree } from './stored-tree';
import type { SignedHead } from './tree-head';

export interface KeeperDeps extends SealDeps {
  readonly anchors: readonly AuditAnchor[];
  readonly gate: AuditGate;
  readonly log: Logger;
  /** Counts milliseconds and never goes back. */
  readonly ticks: () => number;
}

/** How the log stands, for metrics. */
export interface LogFigures extends Tail {
  /** Leaves that every anchor vouches for. */
  readonly anchored: number;
  /** Rounds that failed since the start. */
  readonly failures: number;
  readonly alarmed: boolean;
  readonly closed: boolean;
}

const LONGEST_GOODBYE_MS = 3_000;

const NOTHING: Tail = { queued: 0, size: 0, ageMs: 0, now: 0 };

/**
 * Keeps the log: seals what waits, takes the newest head to every anchor, compares the database with them, and tells the
 * gate how far behind it is. Every gateway runs one; a lock in the database decides who seals. Whatever fails is tried
 * again in the next round, so nothing has to be done by hand after an outage.
 */
export class LogKeeper {
  private readonly tree: StoredTree;
  /** What each anchor is known to hold. */
  private readonly held = new Map<AuditAnchor, SignedHead | null>();
  /** Anchors that have to be asked what they hold. */
  private readonly unasked: Set<AuditAnchor>;
  private readonly startedAt: number;
  private tail = NOTHING;
  private seenEmptyAt = 0;
  private failures = 0;
  private alarm: string | null = null;
  private failing = false;
  private running: Promise<void> = Promise.resolve();
  private waiting = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly deps: KeeperDeps) {
    this.tree = new StoredTree(deps.pool);
    this.unasked = new Set(deps.anchors);
    this.startedAt = deps.ticks();
  }

  /** Does a round at once, so that a log that is not the anchored one closes the gate before anything is served. */
  async start(everyMs: number): Promise<void> {
    await this.round();
    this.timer = setInterval(() => {
      // While the database is away a round takes long, and those that were missed are worth nothing.
      if (this.waiting === 0) void this.round();
    }, everyMs).unref();
  }

  /** Ends the rounds, with a last one for what is still waiting, unless it takes long: the next start does it as well. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await Promise.race([this.round(), sleep(LONGEST_GOODBYE_MS, undefined, { ref: false })]);
  }

  /** One round; rounds follow one another. Never throws. */
  round(): Promise<void> {
    this.waiting += 1;
    this.running = this.running
      .then(() => this.tryRound())
      .finally(() => {
        this.waiting -= 1;
      });
    return this.running;
  }

  get figures(): LogFigures {
    const { failures, alarm, deps } = this;
    const closed = deps.gate.closedBecause !== null;
    return { ...this.tail, anchored: this.anchored(), failures, alarmed: alarm !== null, closed };
  }

  private async tryRound(): Promise<void> {
    const { log } = this.deps;
    try {
      await this.keep();
      if (this.failing) log.info('the audit log is kept again');
      this.failing = false;
    } catch (error) {
      this.failures += 1;
      if (!this.failing) log.warn({ err: error }, 'the audit log could not be kept; trying again');
      this.failing = true;
    }
    // The figures count even when the round has failed: a tail that grows has to close the gate.
    await this.measure().catch((error: unknown) => {
      log.debug({ err: error }, 'the tail of the audit log could not be measured');
    });
  }

  private async keep(): Promise<void> {
    const away: unknown[] = [];
    for (const anchor of this.unasked) await this.ask(anchor).catch((error: unknown) => away.push(error));
    await this.compare();
    if (this.alarm !== null) return;
    await this.seal();
    const head = await this.tree.newestHead();
    for (const [anchor, held] of this.held) {
      if (head !== null) await this.anchor(anchor, held, head).catch((error: unknown) => away.push(error));
    }
    await this.compare();
    if (away.length > 0) throw away[0];
  }

  private async seal(): Promise<void> {
    for (;;) {
      const checkpoint = await sealCheckpoint(this.deps);
      if (checkpoint === null) return;
      if (checkpoint.added >= MOST_IN_A_CHECKPOINT) continue;
      this.seenEmptyAt = Math.max(this.seenEmptyAt, checkpoint.seenAt);
      return;
    }
  }

  private async ask(anchor: AuditAnchor): Promise<void> {
    this.held.set(anchor, await anchor.latest());
    this.unasked.delete(anchor);
  }

  private async anchor(anchor: AuditAnchor, held: SignedHead | null, head: SignedHead): Promise<void> {
    if (held !== null && held.size >= head.size) return;
    const proof = held === null ? [] : await this.tree.consistencyProof(held.size, head.size);
    try {
      await anchor.add(head, proof);
      this.held.set(anchor, head);
    } catch (error) {
      // Another gateway may have been there before us: what counts is whether the database has what the anchor holds.
      if (error instanceof AnchorRefused) await this.ask(anchor);
      throw error;
    }
  }

  /** Looks whether the database still has what the anchors hold. */
  private async compare(): Promise<void> {
    let alarm: string | null = null;
    for (const [anchor, held] of this.held) {
      if (held === null) continue;
      const log = await this.tree.logId();
      const root = log === held.log ? await this.tree.root(held.size) : null;
      if (root?.equals(held.root)) continue;
      alarm =
        log === held.log
          ? `${anchor.name} holds a head over ${held.size} entries that the database does not have`
          : `${anchor.name} holds heads of another log`;
    }
    this.deps.gate.raise(alarm);
    if (alarm !== this.alarm) {
      const { log } = this.deps;
      if (alarm === null) log.info('the audit log is the anchored one again; everything is open');
      else
        log.error(
          { alarm },
          'the audit log is not the one that was anchored: an older backup, another database, or somebody has changed it. ' +
            'Changes and reads of protected values are closed; all other reads are open. Restore the right database, or ' +
            'keep the anchor as evidence and begin another one',
        );
    }
    this.alarm = alarm;
    // Somebody may put it right: everything is asked anew in the next round.
    if (alarm !== null) for (const anchor of this.deps.anchors) this.unasked.add(anchor);
  }

  private async measure(): Promise<void> {
    const { pool, anchors, gate, ticks } = this.deps;
    const tail = await measureTail(pool, this.anchored(), this.seenEmptyAt);
    if (tail.queued === 0) this.seenEmptyAt = tail.now;
    // Of an anchor that was never reached nothing is known; we have waited for it since the start.
    const waited = anchors.some((anchor) => !this.held.has(anchor)) ? ticks() - this.startedAt : 0;
    this.tail = { ...tail, ageMs: Math.max(tail.ageMs, waited) };
    gate.tell(this.tail.ageMs);
  }

  /** The leaves that every anchor, of those that were ever reached, is known to vouch for. */
  private anchored(): number {
    const sizes = [...this.held.values()].map((head) => head?.size ?? 0);
    return sizes.length === 0 ? Number.MAX_SAFE_INTEGER : Math.min(...sizes);
  }
}
