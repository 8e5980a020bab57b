import type { Slot } from '@countersign/crypto';
import type { Rows } from '../log/rows';
import { StoredTree } from '../log/stored-tree';
import { type HeadLine, headLine } from '../log/tree-head';

/** Where an export begins: the tree up to there, by the hashes of its complete subtrees. */
export interface StartLine {
  readonly type: 'start';
  readonly v: 1;
  readonly log: string;
  /** The first position that follows; so many entries came before. */
  readonly position: number;
  /** Hexadecimal, the largest first. */
  readonly subtrees: readonly string[];
}

export interface EntryLine {
  readonly type: 'entry';
  readonly position: number;
  /** RFC 8785 text; hashed as it is. */
  readonly header: string;
  /** Base64: 32 bytes for each slot that the header names, in its order. */
  readonly commitments: string;
  /** Null where retention has removed them, or where they were held back. */
  readonly slots: Readonly<Record<string, Slot>> | null;
  /** Base64, as the commitments. */
  readonly salts: string | null;
}

export type ExportLine = StartLine | EntryLine | HeadLine;

export interface ExportRange {
  /** So many entries are left out: those that an earlier export had. */
  readonly after: number;
  /** False: without old and new values; what is left still proves who did what when. */
  readonly values: boolean;
}

const BATCH = 2_000;

interface Row {
  readonly position: string;
  readonly header: string | null;
  readonly commitments: Buffer | null;
  readonly slots: EntryLine['slots'];
  readonly salts: Buffer | null;
}

/**
 * The log from a position up to its newest head, in lines that an offline verifier needs nothing besides but the public
 * key. It ends at a head, so that everything in it is signed, and another export goes on from there. Run it in one
 * transaction with one view of the database. Throws RangeError when the log is not so long.
 */
export async function* exportLines(db: Rows, { after, values }: ExportRange): AsyncGenerator<ExportLine, void> {
  const tree = new StoredTree(db);
  const newest = await tree.newestHead();
  const end = newest?.size ?? 0;
  if (after > end) throw new RangeError(`the log has ${end} entries under a head`);
  const subtrees = (await tree.edge(after)).map((hash) => hash.toString('hex'));
  yield { type: 'start', v: 1, log: await tree.logId(), position: after, subtrees };
  const again = after === end ? await tree.headOfSize(end) : null;
  if (again) yield headLine(again);
  for (let from = after; from < end; from += BATCH) {
    const to = Math.min(from + BATCH, end);
    const heads = await tree.headsBetween(from, to);
    for (const row of await rowsWithin(db, from, to, values)) {
      const line = entryLine(row);
      yield line;
      if (heads[0]?.size === line.position + 1) yield headLine(heads.shift()!);
    }
  }
}

async function rowsWithin(db: Rows, from: number, to: number, values: boolean): Promise<Row[]> {
  const { rows } = await db.query<Row & Record<string, unknown>>(
    `select l.position, e.header, e.commitments, v.slots, v.salts from audit_leaf l
     left join lateral (select a.header, a.commitments from audit_entry a where a.id = l.entry_id offset 0) e on true
     left join lateral (select w.slots, w.salts from audit_value w where w.entry_id = l.entry_id and $3 offset 0) v on true
     where l.position >= $1 and l.position < $2 order by l.position`,
    [from, to, values],
  );
  return rows;
}

function entryLine({ position, header, commitments, slots, salts }: Row): EntryLine {
  if (header === null || commitments === null) {
    throw new Error(`the entry at position ${position} is gone: verify the log before you export it`);
  }
  return {
    type: 'entry',
    position: Number(position),
    header,
    commitments: commitments.toString('base64'),
    slots,
    salts: salts?.toString('base64') ?? null,
  };
}
