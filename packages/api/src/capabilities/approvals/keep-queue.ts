import type { Logger } from 'pino';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { writeRecords } from '../../records/write-records';
import { type ApplyDeps, applyPending, systemTrace } from './apply-change';
import { findPending, updated } from './pending-change';

const EVERY_MS = 1_000;
const MOST_AT_ONCE = 50;

/**
 * Lets time do its part: applies what is approved and due (also what a gateway left behind that was stopped in between),
 * and ends what nobody signed in time. Any number of gateways may do so at once: each change is locked before it is
 * looked at. Gives what ends it.
 */
export function keepQueue(deps: ApplyDeps, log: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let ended = false;
  const timer = setInterval(() => {
    running = running.then(async () => {
      if (ended) return;
      await passTime(deps, log).catch((error: unknown) => log.warn({ error }, 'the queue could not be kept'));
    });
  }, EVERY_MS);
  timer.unref();
  return async () => {
    ended = true;
    clearInterval(timer);
    await running;
  };
}

/** One round: everything that is due by now. */
export async function passTime(deps: ApplyDeps, log: Logger): Promise<void> {
  const now = deps.now().toISOString();
  const due = await rowsOf<{ id: string; status: string }>(
    deps.dataSource.manager,
    `select id::text as id, status from pending_change where (status='PENDING' and expires_at<=$1)
      or (status='APPROVED' and coalesce(effective_at,$1)<=$1) order by updated_at limit ${MOST_AT_ONCE}`,
    [now],
  );
  for (const { id, status } of due) {
    try {
      if (status === 'APPROVED') await applyPending(deps, id, null);
      else await expire(deps, id);
    } catch (error) {
      // The others must not wait for one that an outage or a forged row keeps from being dealt with.
      log.warn({ error, pendingChange: id }, 'a pending change could not be dealt with');
    }
  }
}

async function expire(deps: ApplyDeps, id: string): Promise<void> {
  const { snapshot, head } = await deps.snapshots.current();
  const { catalogue } = snapshot;
  const now = deps.now();
  await deps.dataSource.transaction(async (tx: Transaction) => {
    const pending = await findPending(tx, { catalogue, rowKey: deps.macKeys.rows }, id, 'lock');
    const { expiresAt } = pending?.image ?? {};
    if (pending?.status !== 'PENDING' || typeof expiresAt !== 'string' || new Date(expiresAt) > now) return;
    const image = { status: 'EXPIRED', level: null, levelSince: null, expiresAt: null, outcome: 'Not signed in time.' };
    const change = updated(catalogue, 'PendingChange', pending.image, image, { now, userId: null });
    await writeRecords(tx, [change], systemTrace(now, null, head.policyVersion), deps.macKeys.rows);
  });
}
