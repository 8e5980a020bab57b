import { canonicalJson, randomId, type Slot } from '@countersign/crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { FoldedTrace } from './folded-trace';

export interface OperationsRecordDeps {
  readonly pool: Pool;
  readonly folded: FoldedTrace;
  readonly log: Logger;
  readonly now: () => Date;
  /** Counts milliseconds and never goes back, whatever the clock does. */
  readonly ticks: () => number;
  /** What runs, and with which settings; nothing in it is a secret. */
  readonly facts: {
    readonly versions: Versions;
    readonly settings: Readonly<Record<string, unknown>>;
    /** Ids of the public keys that heads of the log are verified with, the signing one first. */
    readonly logKeys: readonly string[];
  };
  /** How often the clock is looked at. */
  readonly lookMs?: number;
}

interface Versions {
  readonly countersign: string;
  readonly node: string;
}

/** A clock that is set by less than this is kept in step; by more, it jumped. */
const JUMP_MS = 2_000;
const LOOK_MS = 10_000;

/**
 * What the gateway itself did: its starts and stops, with what ran and what of its settings, versions and migrations is
 * new since the last start, and jumps of its clock. SYSTEM entries; they wait while the log is away, and hold up nothing.
 */
export class OperationsRecord {
  private readonly instance = randomId();
  private timer: NodeJS.Timeout | null = null;
  /** The clock less the ticks: it stands still unless the clock is set. */
  private offset: number;

  constructor(private readonly deps: OperationsRecordDeps) {
    this.offset = this.drift();
  }

  async started(): Promise<void> {
    const last = await this.lastStart().catch((error: unknown) => {
      this.deps.log.warn({ err: error }, 'the last start could not be read from the audit log');
      return null;
    });
    const { versions, settings, logKeys } = this.deps.facts;
    const database = await this.databaseFacts().catch(() => ({ postgresql: null, migrations: null }));
    const now: Record<string, unknown> = { ...versions, ...database, settings, logKeys };
    const slots: Record<string, Slot> = { event: [null, 'start'], instance: [null, this.instance] };
    for (const [name, value] of Object.entries(now)) slots[name] = [last?.facts[name] ?? null, value];
    if (last) slots.previous = [null, { instance: last.instance, stopped: last.stopped }];
    const changed = last ? Object.keys(now).filter((name) => !same(last.facts[name], now[name])) : [];
    const news = changed.length > 0 ? `; new since the last start: ${changed.join(', ')}` : '';
    this.note('start', `the gateway started${news}`, slots);
    this.timer = setInterval(() => this.lookAtClock(), this.deps.lookMs ?? LOOK_MS).unref();
  }

  stopped(): void {
    if (this.timer) clearInterval(this.timer);
    this.lookAtClock();
    this.note('stop', 'the gateway stopped', { event: [null, 'stop'], instance: [null, this.instance] });
  }

  /** Compares the clock with the ticks since it was last looked at, and records a jump. */
  lookAtClock(): void {
    const offset = this.drift();
    const jumped = Math.round(offset - this.offset);
    this.offset = offset;
    if (Math.abs(jumped) < JUMP_MS) return;
    this.deps.log.warn({ jumpedMs: jumped }, 'the clock jumped');
    this.note(`clock ${jumped}`, `the clock jumped by ${jumped} ms`, {
      event: [null, 'clock'],
      instance: [null, this.instance],
      jumpedMs: [null, jumped],
    });
  }

  private drift(): number {
    return this.deps.now().getTime() - this.deps.ticks();
  }

  private note(what: string, reason: string, slots: Readonly<Record<string, Slot>>): void {
    const event = { action: 'SYSTEM', at: this.deps.now(), reason, slots } as const;
    this.deps.folded.note(event, { source: 'gateway', about: [this.instance, what] });
  }

  private async databaseFacts(): Promise<{ postgresql: string; migrations: readonly string[] }> {
    const { rows } = await this.deps.pool.query<{ postgresql: string; migrations: string[] }>(
      `select current_setting('server_version') as postgresql, array(select name from migration order by id) as migrations`,
    );
    return rows[0]!;
  }

  private async lastStart(): Promise<LastStart | null> {
    const { rows } = await this.deps.pool.query<{ changes: Record<string, Slot>; stopped: boolean }>(
      `select e.changes, exists (select 1 from audit_trace s where s.action = 'SYSTEM' and s.at >= e.at
         and s.changes->'event'->>1 = 'stop' and s.changes->'instance' = e.changes->'instance') as stopped
       from audit_trace e where e.action = 'SYSTEM' and e.changes->'event'->>1 = 'start'
       order by e.at desc, e.id desc limit 1`,
    );
    const [row] = rows;
    if (!row) return null;
    const facts = Object.fromEntries(Object.entries(row.changes).map(([name, slot]) => [name, slot[1]]));
    return { instance: String(facts.instance), stopped: row.stopped, facts };
  }
}

interface LastStart {
  readonly instance: string;
  readonly stopped: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
