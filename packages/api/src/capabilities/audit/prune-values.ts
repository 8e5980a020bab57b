import type { Pool } from 'pg';
import { withinTransaction } from '../../database/within-transaction';
import { writeEvent } from './write-event';

const MOST_AT_ONCE = 10_000;

/**
 * Removes the old and new values of entries that are older than `before`, with its own trace in the same transaction.
 * Headers and commitments stay, so every proof holds. Gives how many entries lost their values. Throws what the database
 * refuses: values younger than it was told to keep.
 */
export function pruneValues(pool: Pool, { before, now }: { before: Date; now: Date }): Promise<number> {
  return withinTransaction(pool, async (client) => {
    let pruned = 0;
    for (let last = MOST_AT_ONCE; last === MOST_AT_ONCE; pruned += last) {
      const { rows } = await client.query<{ n: string }>('select prune_audit_values($1, $2) as n', [
        before.toISOString(),
        MOST_AT_ONCE,
      ]);
      last = Number(rows[0]!.n);
    }
    if (pruned > 0) {
      await writeEvent(client, {
        action: 'SYSTEM',
        at: now,
        reason: 'Old and new values were removed by retention',
        slots: { valuesPrunedBefore: [null, before.toISOString()], entries: [null, pruned] },
      });
    }
    return pruned;
  });
}
