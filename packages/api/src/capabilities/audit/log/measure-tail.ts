import type { Rows } from './rows';

/** How far the log is behind what was written. */
export interface Tail {
  /** Entries that no checkpoint has sealed yet. */
  readonly queued: number;
  /** Leaves of the log. */
  readonly size: number;
  /** How long the oldest entry has waited that the anchors do not vouch for yet; 0 when there is none. */
  readonly ageMs: number;
  /** The database's clock, in milliseconds since 1970. */
  readonly now: number;
}

interface Row {
  readonly now: string;
  readonly queued: string;
  readonly oldest: string | null;
  readonly size: string;
  readonly unanchored: string | null;
}

// An id that somebody put into the queue without an entry must not close anything; verifying names it. Looked up row by
// row: statistics say that the queue is empty, and a join would believe them.
const MEASURE = `
  select extract(epoch from clock_timestamp()) * 1000 as now,
    (select count(*) from audit_unsealed) as queued,
    (select extract(epoch from q.queued_at) * 1000 from audit_unsealed q
      where (select true from audit_entry e where e.id = q.entry_id)
        and (select true from audit_leaf l where l.entry_id = q.entry_id) is null
      order by q.queued_at limit 1) as oldest,
    (select coalesce(max(position) + 1, 0) from audit_leaf) as size,
    (select extract(epoch from h.at) * 1000 from audit_head h where h.size > $1 order by h.size limit 1) as unanchored`;

/**
 * Measures the tail behind the first `anchored` leaves. `seenEmptyAt` is a moment of the database's clock at which
 * everything that was committed had been sealed: an entry of a long transaction has waited since then at most.
 */
export async function measureTail(db: Rows, anchored: number, seenEmptyAt: number): Promise<Tail> {
  const { rows } = await db.query<Row & Record<string, unknown>>(MEASURE, [anchored]);
  const row = rows[0]!;
  const now = Number(row.now);
  const waits = [
    ...(row.oldest === null ? [] : [Math.max(Number(row.oldest), seenEmptyAt)]),
    ...(row.unanchored === null ? [] : [Number(row.unanchored)]),
  ];
  const ageMs = Math.max(0, ...waits.map((since) => now - since));
  return { queued: Number(row.queued), size: Number(row.size), ageMs, now };
}
