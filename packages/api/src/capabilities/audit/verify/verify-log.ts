import { GrowingTree, merkleLeafHash, type StatementVerifier } from '@countersign/crypto';
import type { Rows } from '../log/rows';
import { StoredTree } from '../log/stored-tree';
import { headIsGenuine, type SignedHead } from '../log/tree-head';
import { checkEntry, type StoredEntry } from './check-entry';
import type { Findings } from './finding';
import { verifyQueue } from './verify-queue';

/** Leaves that are looked at together: a power of two, so that most of what they complete lies within. */
const BATCH = 4096;
/** Entries that a finding about a range names one by one. */
const MOST_NAMED = 256;

export interface LogReport {
  readonly leaves: number;
  readonly heads: number;
  /** The size of the largest anchored head that was compared. */
  readonly anchored: number;
  readonly queued: number;
  /** Entries whose values retention has removed. */
  readonly withoutValues: number;
}

export interface VerifyInput {
  /** One connection in a read-only transaction with one view of the database. */
  readonly db: Rows;
  readonly keys: StatementVerifier;
  /** Heads that were kept outside the database. */
  readonly anchored: readonly SignedHead[];
  readonly findings: Findings;
}

interface LeafRow {
  readonly position: string;
  readonly entry_id: string;
  readonly hash: Buffer;
  readonly columns: (Record<string, unknown> & { header: string }) | null;
  readonly commitments: Buffer | null;
  readonly slots: StoredEntry['slots'];
  readonly salts: Buffer | null;
}

/** Recomputes everything from what is stored, and compares it with what was signed and what was kept outside. */
export async function verifyLog(input: VerifyInput): Promise<LogReport> {
  return new LogVerification(input).run();
}

class LogVerification {
  private readonly tree = new GrowingTree();
  private readonly stored: StoredTree;
  private readonly toCompare: SignedHead[];
  /** The largest size whose root was signed, and was right. */
  private lastGood = 0;
  /** After the first difference everything above it differs too; only the first one tells where. */
  private rootDiffers = false;
  private gap = false;
  private heads = 0;
  private withoutValues = 0;
  private prunedBefore = '';
  private readonly ids: string[] = [];

  constructor(private readonly input: VerifyInput) {
    this.stored = new StoredTree(input.db);
    this.toCompare = [...input.anchored].sort((a, b) => a.size - b.size);
  }

  async run(): Promise<LogReport> {
    const { findings, keys, db } = this.input;
    this.prunedBefore = await prunedBefore(db);
    const logId = await this.stored.logId();
    for (const head of this.toCompare) {
      if (!headIsGenuine(keys, head)) {
        findings.add({
          kind: 'head-unsigned',
          message: `an anchored head over ${head.size} entries is not signed by us`,
        });
      }
      if (head.log !== logId) {
        findings.add({ kind: 'anchor-differs', message: `an anchor holds a head of another log, ${head.log}` });
      }
    }
    for (let from = 0; ; ) {
      const rows = await this.leavesFrom(from);
      if (rows.length === 0) break;
      from = Number(rows.at(-1)!.position) + 1;
      await this.takeBatch(rows);
    }
    await this.afterLast();
    const queued = await verifyQueue(db, findings, (at) => at < this.prunedBefore);
    return {
      leaves: this.tree.size,
      heads: this.heads,
      anchored: this.input.anchored.reduce((most, { size }) => Math.max(most, size), 0),
      queued,
      withoutValues: this.withoutValues,
    };
  }

  /** Looked up row by row: joined as a whole, every batch would read every table. */
  private async leavesFrom(position: number): Promise<LeafRow[]> {
    const { rows } = await this.input.db.query<LeafRow & Record<string, unknown>>(
      `select l.position, l.entry_id, l.hash, e.columns, e.commitments, v.slots, v.salts from audit_leaf l
       left join lateral (select to_jsonb(a) - 'commitments' as columns, a.commitments from audit_entry a
         where a.id = l.entry_id offset 0) e on true
       left join lateral (select w.slots, w.salts from audit_value w where w.entry_id = l.entry_id offset 0) v on true
       where l.position >= $1 order by l.position limit ${BATCH}`,
      [position],
    );
    return rows;
  }

  private async takeBatch(rows: readonly LeafRow[]): Promise<void> {
    const first = Number(rows[0]!.position);
    const end = Number(rows.at(-1)!.position) + 1;
    const nodes = await this.nodesWithin(first, end);
    const heads = await this.stored.headsBetween(first, end);
    for (const row of rows) {
      this.takeLeaf(row, nodes);
      while (heads[0] && heads[0].size <= this.tree.size) this.takeHead(heads.shift()!);
      this.compareAnchors();
    }
    // In a gap nothing was completed, so nothing can be said of what is stored there.
    if (this.gap) return;
    for (const [name] of nodes) this.node(name, 'is stored, and no such subtree is complete');
  }

  private takeLeaf(row: LeafRow, nodes: Map<string, Buffer>): void {
    const { findings } = this.input;
    const position = Number(row.position);
    const expected = this.tree.size;
    if (!this.gap && position !== expected) {
      this.gap = true;
      const positions = [expected, position] as const;
      findings.add({ kind: 'leaf-missing', message: 'the log has no leaves there', positions });
    }
    this.checkContent(row, position);
    if (this.gap) return;
    this.remember(row.entry_id);
    for (const { level, index, hash } of this.tree.append(row.hash)) {
      const name = `${level} ${index}`;
      const stored = nodes.get(name);
      nodes.delete(name);
      if (!stored) this.node(name, 'is missing');
      else if (!stored.equals(hash)) this.node(name, 'is not the hash of what is below it');
    }
  }

  private checkContent({ entry_id: id, hash, columns, commitments, slots, salts }: LeafRow, position: number): void {
    const { findings } = this.input;
    const positions = [position, position + 1] as const;
    if (columns === null || commitments === null) {
      findings.add({ kind: 'entry-missing', message: 'its entry is gone', entries: [id], positions });
      return;
    }
    const { header, ...rest } = columns;
    if (!merkleLeafHash(Buffer.concat([Buffer.from(header), commitments])).equals(hash)) {
      const message = 'header or commitments are not those of its leaf';
      findings.add({ kind: 'leaf-changed', message, entries: [id], positions });
    }
    const entry = { id, columns: rest, header, commitments, slots, salts };
    for (const finding of checkEntry(entry, (at) => at < this.prunedBefore)) findings.add({ ...finding, positions });
    if (slots === null && commitments.length > 0) this.withoutValues += 1;
  }

  private takeHead(head: SignedHead): void {
    const { findings, keys } = this.input;
    this.heads += 1;
    if (!headIsGenuine(keys, head)) {
      const message = `the head over ${head.size} entries is not signed by us`;
      findings.add({ kind: 'head-unsigned', message, positions: [this.lastGood, head.size] });
    }
    this.compare(head, 'head-changed', 'the signed head over');
  }

  private compareAnchors(): void {
    while (this.toCompare[0] && this.toCompare[0].size <= this.tree.size) {
      this.compare(this.toCompare.shift()!, 'anchor-differs', 'an anchored head over');
    }
  }

  private compare(head: SignedHead, kind: 'head-changed' | 'anchor-differs', which: string): void {
    if (this.gap || head.size !== this.tree.size) return;
    if (head.root.equals(this.tree.root())) {
      if (!this.rootDiffers) this.lastGood = head.size;
      return;
    }
    if (this.rootDiffers && kind === 'head-changed') return;
    this.rootDiffers = true;
    const positions = [this.lastGood, head.size] as const;
    const message = `${which} ${head.size} entries has another root: among the entries since ${this.lastGood}, some were changed`;
    this.input.findings.add({ kind, message, positions, entries: this.named(...positions) });
  }

  private node(name: string, what: string): void {
    const [level, index] = name.split(' ').map(Number) as [number, number];
    const positions = [index * 2 ** level, (index + 1) * 2 ** level] as const;
    const message = `the stored hash over positions ${positions[0]} to ${positions[1] - 1} ${what}`;
    this.input.findings.add({ kind: 'node-changed', message, positions, entries: this.named(...positions) });
  }

  /** What stands above the last leaf, or would have to. */
  private async afterLast(): Promise<void> {
    const { findings, db } = this.input;
    const { size } = this.tree;
    const above = await this.stored.headsBetween(this.gap ? Number.MAX_SAFE_INTEGER : size, Number.MAX_SAFE_INTEGER);
    for (const head of [...above, ...this.toCompare]) {
      if (this.gap && head.size <= size) continue;
      const message = `the log has ${size} leaves, and a head was signed over ${head.size}: the last ones were removed`;
      findings.add({ kind: 'leaf-missing', message, positions: [size, head.size] });
    }
    const { rows } = await db.query<{ level: number; n: string; high: string }>(
      'select level, count(*) as n, max(index) as high from audit_node group by level',
    );
    for (const { level, n, high } of rows) {
      const complete = Math.floor(size / 2 ** level);
      if (this.gap || (Number(n) <= complete && Number(high) < complete)) continue;
      const positions = [complete * 2 ** level, (Number(high) + 1) * 2 ** level] as const;
      const message = `hashes are stored over leaves that the log does not have, at level ${level}`;
      findings.add({ kind: 'node-changed', message, positions });
    }
    const newest = await this.stored.newestHead();
    if (!this.gap && size > 0 && (newest?.size ?? 0) < size) {
      const positions = [newest?.size ?? 0, size] as const;
      const message = 'leaves stand in the log that no head covers';
      findings.add({ kind: 'head-changed', message, positions, entries: this.named(...positions) });
    }
  }

  private async nodesWithin(from: number, to: number): Promise<Map<string, Buffer>> {
    const { rows } = await this.input.db.query<{ level: number; index: string; hash: Buffer }>(
      `select n.level, n.index, n.hash from generate_series(1, 40) as g(level)
       join audit_node n on n.level = g.level and n.index >= ($1::bigint >> g.level) and n.index < ($2::bigint >> g.level)`,
      [from, to],
    );
    return new Map(rows.map(({ level, index, hash }) => [`${level} ${index}`, hash]));
  }

  /** The ids at these positions, as long as there are few enough to be read. */
  private named(from: number, to: number): string[] {
    const kept = this.tree.size - this.ids.length;
    return to - from > MOST_NAMED ? [] : this.ids.slice(Math.max(0, from - kept), Math.max(0, to - kept));
  }

  private remember(id: string): void {
    this.ids.push(id);
    if (this.ids.length > 4 * BATCH) this.ids.splice(0, 2 * BATCH);
  }
}

/** Up to when values may be missing, as the log itself says; empty when nothing was ever removed. */
async function prunedBefore(db: Rows): Promise<string> {
  const { rows } = await db.query<{ at: string | null }>(
    `select max(v.slots->'valuesPrunedBefore'->>1) as at from audit_entry e join audit_value v on v.entry_id = e.id
     where e.action = 'SYSTEM' and not e.outside and v.slots ? 'valuesPrunedBefore'`,
  );
  return rows[0]?.at ?? '';
}
