import { runTaskList, Logger as WorkerLogger, type WorkerPool } from 'graphile-worker';
import { JOBS_SCHEMA } from '../../database/job-queue';
import { readAnnounced, readDelivery } from './announced';
import { deliver } from './deliver';
import { codeOf, DeliveryFailed } from './notifiers/notifier';
import type { OutboxDeps } from './outbox-deps';
import { spread } from './spread';

/** One for each way that messages leave, and one for what makes them. */
const CONCURRENCY = 4;
const DELIVERY_MS = 30_000;
/** Longer than any delivery: who holds a job for longer is gone. */
const ABANDONED_AFTER = '2 minutes';
const SWEEP_MS = 15_000;
/** What was given up stays to be looked at for so long. */
const DEAD_KEPT = '14 days';
const RESTART_MS = 10_000;
const STOP_MS = 8_000;

export interface OutboxFigures {
  /** Not told yet, as last counted. */
  readonly waiting: number;
  /** Given up, as last counted. */
  readonly dead: number;
  /** Since the start of this gateway. */
  readonly delivered: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  /** Not told, because the receiver may not know, or not any more. */
  readonly withheld: number;
}

/**
 * Does the jobs of the outbox, beside any number of other gateways: each is one's at a time. What a receiver does not take
 * is tried again after growing pauses and given up in the end; a job of a gateway that is gone is taken over.
 */
export class Outbox {
  private pool: WorkerPool | null = null;
  private timers: NodeJS.Timeout[] = [];
  private ended = false;
  private readonly counts = {
    waiting: 0,
    dead: 0,
    withheld: 0,
    delivered: {} as Record<string, number>,
    failed: {} as Record<string, number>,
  };

  constructor(private readonly deps: OutboxDeps) {}

  get figures(): OutboxFigures {
    return this.counts;
  }

  start(): void {
    this.work();
    const sweep = setInterval(() => void this.sweep(), SWEEP_MS);
    sweep.unref();
    this.timers.push(sweep);
  }

  /** Lets running deliveries end, for a while. */
  async stop(): Promise<void> {
    this.ended = true;
    for (const timer of this.timers) clearTimeout(timer);
    const stopped = Promise.resolve(this.pool?.gracefulShutdown()).catch(() => undefined);
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
  }

  /** Lets go of what gateways hold that are gone, forgets what was given up long ago, and counts. */
  async sweep(): Promise<void> {
    const { jobs, log } = this.deps;
    try {
      await jobs.query(
        `select ${JOBS_SCHEMA}.force_unlock_workers(array(select distinct locked_by from ${JOBS_SCHEMA}._private_jobs
          where locked_at < now() - interval '${ABANDONED_AFTER}'))`,
      );
      await jobs.query(
        `delete from ${JOBS_SCHEMA}._private_jobs where attempts >= max_attempts and locked_at is null
          and updated_at < now() - interval '${DEAD_KEPT}'`,
      );
      const { rows } = await jobs.query<{ waiting: string; dead: string }>(
        `select count(*) filter (where attempts < max_attempts) as waiting,
          count(*) filter (where attempts >= max_attempts and locked_at is null) as dead from ${JOBS_SCHEMA}._private_jobs`,
      );
      this.counts.waiting = Number(rows[0]?.waiting ?? 0);
      this.counts.dead = Number(rows[0]?.dead ?? 0);
    } catch (error) {
      if (!this.ended) log.warn({ err: error }, 'the outbox could not be looked through');
    }
  }

  private work(): void {
    const { jobs, log, pollMs } = this.deps;
    const pool = runTaskList(
      {
        schema: JOBS_SCHEMA,
        noHandleSignals: true,
        pollInterval: pollMs,
        concurrency: CONCURRENCY,
        logger: new WorkerLogger(() => (level, message) => {
          // What failed jobs say is logged below, without what it was about.
          if (level === 'error' || level === 'warning') log.debug({ worker: firstLine(message) }, 'outbox');
        }),
        // Batched, even if by one: otherwise nobody hears of a completion that fails, and the process would end by it.
        preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0, gracefulShutdownAbortTimeout: 3_000 } },
      },
      {
        announcement: (payload, { job }) =>
          this.attempt('announcement', job, async () => spread(this.deps, readAnnounced(payload))),
        delivery: (payload, { job, abortSignal }) => this.deliver(payload, job, abortSignal),
      },
      jobs,
    );
    this.pool = pool;
    const again = (why: unknown) => {
      if (this.ended) return;
      log.warn({ why: String(why) }, 'the outbox has stopped, and starts anew');
      const timer = setTimeout(() => this.work(), RESTART_MS);
      timer.unref();
      this.timers.push(timer);
    };
    pool.promise.then(() => again('ended'), again);
  }

  private async deliver(payload: unknown, job: Tried, abortSignal: AbortSignal): Promise<void> {
    const delivery = readDelivery(payload);
    await this.attempt(delivery.channel, job, async () => {
      const signal = AbortSignal.any([abortSignal, AbortSignal.timeout(DELIVERY_MS)]);
      if (await deliver(this.deps, delivery, signal)) increase(this.counts.delivered, delivery.channel);
      else this.counts.withheld += 1;
    });
  }

  /** INVARIANT: what is thrown on is stored with the job, so it is a code and nothing else. */
  private async attempt(channel: string, { id: job, attempts, max_attempts: most }: Tried, work: () => Promise<void>) {
    try {
      await work();
    } catch (error) {
      increase(this.counts.failed, channel);
      const why = error instanceof DeliveryFailed ? error.why : codeOf(error);
      const about = {
        channel,
        job,
        attempt: attempts,
        why,
        ...(error instanceof DeliveryFailed ? {} : { err: error }),
      };
      if (attempts >= most) this.deps.log.error(about, 'a notification was given up');
      else this.deps.log.warn(about, 'a notification did not leave; it is tried again');
      throw new Error(`${channel}: ${why}`);
    }
  }
}

/** What graphile-worker says of the job at hand. */
interface Tried {
  readonly id: string;
  readonly attempts: number;
  readonly max_attempts: number;
}

const firstLine = (text: string) => text.split('\n', 1)[0];

function increase(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
