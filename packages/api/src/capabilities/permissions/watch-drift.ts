import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { SnapshotStore } from '../../snapshot/snapshot-store';
import { findDrift } from './find-drift';

const EVERY_MS = 60_000;

/**
 * Looks once a minute for configuration that somebody changed behind the gateway's back, and raises an alarm in the log
 * whenever what it finds is not what it found before. Drift has no effect on any decision; the alarm is for people.
 * Gives the function that ends the watch.
 */
export function watchDrift(pool: Pool, snapshots: SnapshotStore, log: Logger): () => void {
  let before = '[]';
  const look = async (): Promise<void> => {
    const { snapshot } = await snapshots.current();
    const drift = await findDrift(pool, snapshot);
    const found = JSON.stringify(drift ?? []);
    if (drift !== null && found !== before) {
      if (drift.length > 0)
        log.error(
          { drift: drift.slice(0, 50), count: drift.length },
          'configuration differs from the published policy',
        );
      else log.info('configuration equals the published policy again');
      before = found;
    }
  };
  const run = () => void look().catch((error: unknown) => log.warn({ err: error }, 'drift could not be looked for'));
  const timer = setInterval(run, EVERY_MS).unref();
  run();
  return () => clearInterval(timer);
}
