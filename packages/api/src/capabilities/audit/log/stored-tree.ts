import {
  type CompleteSubtree,
  completeSubtrees,
  consistencyRanges,
  foldSubtrees,
  inclusionRanges,
  type LeafRange,
} from '@countersign/crypto';
import type { Rows } from './rows';
import type { SignedHead } from './tree-head';

interface HeadRow {
  readonly log: string;
  readonly size: string;
  readonly root: Buffer;
  readonly at: string;
  readonly key_id: string;
  readonly signature: Buffer;
}

const HEADS = 'select l.id as log, h.size, h.root, h.at, h.key_id, h.signature from audit_head h, audit_log l';

/** The hashes that a proof needs are not all there: somebody has removed some. */
export class TreeBroken extends Error {}

/**
 * The Merkle tree as the database keeps it: leaves, and the hashes of complete subtrees. Everything here asks for a
 * number of hashes that grows with the logarithm of the log.
 */
export class StoredTree {
  constructor(private readonly db: Rows) {}

  async logId(): Promise<string> {
    const { rows } = await this.db.query<{ id: string }>('select id from audit_log');
    if (!rows[0]) throw new TreeBroken('the log has no id');
    return rows[0].id;
  }

  /** The newest head, or null as long as nothing was sealed. */
  async newestHead(): Promise<SignedHead | null> {
    const { rows } = await this.db.query<HeadRow>(`${HEADS} order by h.size desc limit 1`);
    return rows[0] ? headOf(rows[0]) : null;
  }

  async headOfSize(size: number): Promise<SignedHead | null> {
    const { rows } = await this.db.query<HeadRow>(`${HEADS} where h.size = $1`, [size]);
    return rows[0] ? headOf(rows[0]) : null;
  }

  /** Heads over more than `above` and at most `upTo` leaves, smallest first. */
  async headsBetween(above: number, upTo: number): Promise<SignedHead[]> {
    const { rows } = await this.db.query<HeadRow>(`${HEADS} where h.size > $1 and h.size <= $2 order by h.size`, [
      above,
      upTo,
    ]);
    return rows.map(headOf);
  }

  async size(): Promise<number> {
    const { rows } = await this.db.query<{ size: string }>(
      'select coalesce(max(position) + 1, 0) as size from audit_leaf',
    );
    return Number(rows[0]!.size);
  }

  /** The root over the first leaves, or null when there are not so many, or hashes are missing. */
  async root(size: number): Promise<Buffer | null> {
    if (size > (await this.size())) return null;
    const { rows } = await this.db.query<{ root: Buffer | null }>('select audit_root($1) as root', [size]);
    return rows[0]!.root;
  }

  /** The complete subtrees of the tree over the first leaves: what a tree needs in order to grow on from there. */
  edge(size: number): Promise<Buffer[]> {
    return this.hashesOf(completeSubtrees({ start: 0, end: size }));
  }

  inclusionProof(position: number, size: number): Promise<Buffer[]> {
    return this.foldEach(inclusionRanges(position, size));
  }

  consistencyProof(oldSize: number, size: number): Promise<Buffer[]> {
    return this.foldEach(consistencyRanges(oldSize, size));
  }

  private async foldEach(ranges: readonly LeafRange[]): Promise<Buffer[]> {
    const parts = ranges.map(completeSubtrees);
    const hashes = await this.hashesOf(parts.flat());
    return parts.map((subtrees) => foldSubtrees(hashes.splice(0, subtrees.length)));
  }

  private async hashesOf(subtrees: readonly CompleteSubtree[]): Promise<Buffer[]> {
    if (subtrees.length === 0) return [];
    const { rows } = await this.db.query<{ hash: Buffer | null }>(
      `select coalesce(l.hash, n.hash) as hash
       from unnest($1::smallint[], $2::bigint[]) with ordinality as w(level, index, place)
       left join audit_leaf l on w.level = 0 and l.position = w.index
       left join audit_node n on n.level = w.level and n.index = w.index order by w.place`,
      [subtrees.map(({ level }) => level), subtrees.map(({ index }) => index)],
    );
    return rows.map(({ hash }, place) => {
      if (hash === null) throw new TreeBroken(`the hash of subtree ${JSON.stringify(subtrees[place])} is missing`);
      return hash;
    });
  }
}

function headOf({ log, size, root, at, key_id: keyId, signature }: HeadRow): SignedHead {
  return { log, size: Number(size), root, at: new Date(at), keyId, signature };
}
