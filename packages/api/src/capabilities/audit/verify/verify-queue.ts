import type { Rows } from '../log/rows';
import { checkEntry, type StoredEntry } from './check-entry';
import type { Findings } from './finding';

const BATCH = 2_000;

// Looked up row by row: statistics say that the queue is empty, and a join would believe them.

/** Looks at what no leaf covers: entries that wait, entries that stand nowhere, values and queue ids of no entry. */
export async function verifyQueue(
  db: Rows,
  findings: Findings,
  mayLackValues: (at: string) => boolean,
): Promise<number> {
  for (const { id } of await ids(
    db,
    `select e.id from audit_entry e where (select true from audit_leaf l where l.entry_id = e.id) is null
       and (select true from audit_unsealed q where q.entry_id = e.id) is null`,
  )) {
    findings.add({ kind: 'entry-unlisted', message: 'it stands neither in the log nor in its queue', entries: [id] });
  }
  for (const { id } of await ids(
    db,
    `select q.entry_id as id from audit_unsealed q
       where (select true from audit_entry e where e.id = q.entry_id) is null`,
  )) {
    findings.add({ kind: 'entry-missing', message: 'it waits for the log, and its entry is gone', entries: [id] });
  }
  for (const { id } of await ids(
    db,
    'select q.entry_id as id from audit_unsealed q where (select true from audit_leaf l where l.entry_id = q.entry_id)',
  )) {
    findings.add({ kind: 'queue-stray', message: 'it waits for the log, and is in it already', entries: [id] });
  }
  for (const { id } of await ids(
    db,
    'select v.entry_id as id from audit_value v where (select true from audit_entry e where e.id = v.entry_id) is null',
  )) {
    findings.add({ kind: 'value-stray', message: 'values are stored of an entry that is not there', entries: [id] });
  }
  return checkWaiting(db, findings, mayLackValues);
}

async function checkWaiting(db: Rows, findings: Findings, mayLackValues: (at: string) => boolean): Promise<number> {
  let queued = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await db.query<Waiting & Record<string, unknown>>(
      `select q.entry_id as id, to_jsonb(e) - 'commitments' as columns, e.commitments, v.slots, v.salts
       from audit_unsealed q left join audit_entry e on e.id = q.entry_id left join audit_value v on v.entry_id = e.id
       where q.entry_id > $1 order by q.entry_id limit ${BATCH}`,
      [after],
    );
    if (rows.length === 0) return queued;
    queued += rows.length;
    after = rows.at(-1)!.id;
    for (const { id, columns, commitments, slots, salts } of rows) {
      if (columns === null || commitments === null) continue;
      const { header, ...rest } = columns;
      const entry = { id, columns: rest, header, commitments, slots, salts };
      for (const finding of checkEntry(entry, mayLackValues)) findings.add(finding);
    }
  }
}

type Waiting = Pick<StoredEntry, 'id' | 'slots' | 'salts'> & {
  readonly columns: (Record<string, unknown> & { header: string }) | null;
  readonly commitments: Buffer | null;
};

async function ids(db: Rows, sql: string): Promise<{ id: string }[]> {
  return (await db.query<{ id: string }>(`${sql} limit 20000`)).rows;
}
