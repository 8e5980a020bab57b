import type { Logger } from 'pino';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { takeHead } from '../../records/authority-head';
import { systemTrace, updated } from '../approvals';
import type { BreakGlassDeps } from './break-glass-deps';
import { GRANT, lockGrant } from './break-glass-grant';
import { endedAt } from './close-break-glass';
import { writeGrant } from './write-grant';

const EVERY_MS = 1_000;
const MOST_AT_ONCE = 50;

/**
 * Writes down that grants have ended whose time is out. Whether a grant counts does not wait for it: each request settles
 * that by itself. It ends it for gateways whose clock is behind as well, and lets it be reviewed. Gives what ends it.
 */
export function keepGrants(deps: BreakGlassDeps, log: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => endOverdue(deps, log))
      .catch((error: unknown) => log.warn({ err: error }, 'break-glass could not be kept'));
  }, EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** Ends the grants whose time is out by now. */
export async function endOverdue(deps: BreakGlassDeps, log: Logger): Promise<void> {
  const due = await rowsOf<{ id: string }>(
    deps.dataSource.manager,
    `select id::text as id from break_glass_grant where status='OPEN' and ends_at<=$1 order by ends_at limit ${MOST_AT_ONCE}`,
    [deps.now().toISOString()],
  );
  for (const { id } of due) {
    // The others must not wait for one that somebody put there by hand.
    await endOne(deps, id).catch((error: unknown) => log.warn({ err: error, grant: id }, 'a grant could not be ended'));
  }
}

async function endOne(deps: BreakGlassDeps, id: string): Promise<void> {
  const { snapshot } = await deps.snapshots.current();
  const { catalogue } = snapshot;
  await deps.dataSource.transaction(async (tx: Transaction) => {
    const head = await takeHead(tx);
    const now = deps.now();
    const grant = await lockGrant(tx, { catalogue, rowKey: deps.macKeys.rows }, id);
    if (grant.status !== 'OPEN' || grant.endsAt > now.toISOString()) return;
    const write = updated(catalogue, GRANT, grant.image, endedAt(grant, now, null), { now, userId: null });
    await writeGrant(tx, deps, head, write, systemTrace(now, null, head.policyVersion), 'expired');
  });
}
