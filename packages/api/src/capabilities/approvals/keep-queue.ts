import type { Logger } from 'pino';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { HeadMoved } from '../../path/under-head';
import { writeRecords } from '../../records/write-records';
import { announceChange } from './announce-change';
import { type ApplyDeps, applyPending, systemTrace } from './apply-change';
import { lookAgain, WaitingRound } from './look-again';
import { findPending, updated } from './pending-change';

const EVERY_MS = 1_000;
const MOST_AT_ONCE = 50;

/**
 * Lets time do its part: applies what is approved and due (also what a gateway left behind that was stopped in between),
 * ends what nobody signed in time, and looks again at what waits when rights have changed. Any number of gateways may do so at once: each change is locked before it is
 * looked at. Gives what ends it.
 */
export function keepQueue(deps: ApplyDeps, log: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let ended = false;
  const waiting = new WaitingRound();
  const timer = setInterval(() => {
    running = running.then(async () => {
      if (ended) return;
      await passTime(deps, log, waiting).catch((error: unknown) =>
        log.warn({ err: error }, 'the queue could not be kept'),
      );
    });
  }, EVERY_MS);
  timer.unref();
  return async () => {
    ended = true;
    clearInterval(timer);
    await running;
  };
}

/** One round: everything that is due by now, and a part of what waits. */
export async function passTime(deps: ApplyDeps, log: Logger, waiting = new WaitingRound()): Promise<void> {
  deps.requireLog();
  const now = deps.now().toISOString();
  const due = await rowsOf<{ id: string | null; status: string; version: string; epoch: string }>(
    deps.dataSource.manager,
    `select h.policy_version as version, h.people_epoch as epoch, p.id::text as id, p.status
      from authority_head h left join (select id, status from pending_change where (status='PENDING' and expires_at<=$1)
        or (status='APPROVED' and coalesce(effective_at,$1)<=$1) order by updated_at, id limit ${MOST_AT_ONCE}) p on true`,
    [now],
  );
  const settled = async (id: string, deal: () => Promise<unknown>) => {
    try {
      await deal();
    } catch (error) {
      // The others must not wait for one that an outage or a forged row keeps from being dealt with.
      if (!(error instanceof HeadMoved))
        log.warn({ err: error, pendingChange: id }, 'a pending change could not be dealt with');
    }
  };
  for (const { id, status } of due) {
    if (id !== null) await settled(id, () => (status === 'APPROVED' ? applyPending(deps, id, null) : expire(deps, id)));
  }
  const [head] = due;
  if (!head) return;
  const at = { policyVersion: Number(head.version), peopleEpoch: Number(head.epoch) };
  for (const id of await waiting.next(deps, at)) {
    await settled(id, async () => {
      if ((await lookAgain(deps, id)) === 'APPROVED') await applyPending(deps, id, null);
    });
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
    await announceChange(tx, 'expired', { id, revision: pending.revision }, { now });
  });
}
