import { JOBS_SCHEMA } from '../../database/job-queue';
import type { Transaction } from '../../database/sql-runner';

/** With the pauses between them, attempts go on for some sixteen hours. */
export const MOST_ATTEMPTS = 12;

export interface NewJob {
  readonly task: 'announcement' | 'delivery';
  readonly payload: unknown;
  /** A job that waits under the same key is replaced. */
  readonly key: string | null;
  /** Jobs of one queue are done one after the other. */
  readonly queue?: string;
  readonly inSeconds?: number;
}

/** Adds a job for any gateway to do once the transaction has committed. */
export async function addJob(tx: Transaction, { task, payload, key, queue, inSeconds = 0 }: NewJob): Promise<void> {
  await tx.query(
    `select from ${JOBS_SCHEMA}.add_job($1, $2::json, queue_name => $3, max_attempts => $4, job_key => $5,
      run_at => clock_timestamp() + make_interval(secs => $6))`,
    [task, JSON.stringify(payload), queue ?? null, MOST_ATTEMPTS, key, inSeconds],
  );
}
