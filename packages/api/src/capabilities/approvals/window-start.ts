import type { RecordImage } from '../../database/record-image';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { RecordWrite } from '../../records/change';

/**
 * Records as they were so many hours ago, from their traces: for each field the old value of the first change within the
 * window. The records are locked, so no change slips in between. `undefined` when the trace has lost a value that is
 * needed; then nobody can say, and the change is held.
 */
export async function windowStarts(
  tx: Transaction,
  writes: readonly RecordWrite[],
  hours: number,
  now: Date,
): Promise<ReadonlyMap<string, RecordImage | null | undefined>> {
  const existing = writes.filter(({ before }) => before !== null);
  const starts = new Map<string, RecordImage | null | undefined>(writes.map(({ change }) => [change.id, null]));
  for (const { change, before } of existing) starts.set(change.id, before);
  const rows = await rowsOf<{ record: string; action: string; slots: Record<string, [unknown, unknown]> | null }>(
    tx,
    `select e.record_id as record, e.action, v.slots from audit_entry e left join audit_value v on v.entry_id=e.id
      where e.record_id=any($1::uuid[]) and e.at>=$2 and e.action in ('CREATE','UPDATE','DELETE')
      order by e.at desc, e.id desc`,
    [existing.map(({ change }) => change.id), new Date(now.getTime() - hours * 3_600_000).toISOString()],
  );
  // Newest first: each older entry takes the record one step further back.
  for (const { record, action, slots } of rows) {
    const known = starts.get(record);
    if (known === undefined) continue;
    if (slots === null) starts.set(record, undefined);
    else if (action === 'CREATE') starts.set(record, null);
    else starts.set(record, { ...known, ...oldValues(slots) });
  }
  return starts;
}

function oldValues(slots: Readonly<Record<string, [unknown, unknown]>>): RecordImage {
  return Object.fromEntries(Object.entries(slots).map(([name, [old]]) => [name, old])) as RecordImage;
}
