import { sha256 } from '../canonical/sha256';
import { merkleNodeHash } from './merkle-tree';
import { completeSubtrees, foldSubtrees } from './proof-ranges';

/** A subtree that an append has completed. */
export interface CompletedSubtree {
  readonly level: number;
  readonly index: number;
  readonly hash: Buffer;
}

/**
 * A Merkle tree (RFC 6962) that leaves are appended to, keeping one hash for each complete subtree of its right edge:
 * memory grows with the logarithm of its size.
 */
export class GrowingTree {
  /** Hashes of the complete subtrees of the tree, the largest first. */
  private readonly edge: Buffer[];
  private leaves: number;

  /** Begins where an older tree ended. Throws RangeError when that size has another number of complete subtrees. */
  constructor(from: { readonly size: number; readonly subtrees: readonly Uint8Array[] } = { size: 0, subtrees: [] }) {
    if (completeSubtrees({ start: 0, end: from.size }).length !== from.subtrees.length) {
      throw new RangeError('a tree of this size has another number of complete subtrees');
    }
    this.leaves = from.size;
    this.edge = from.subtrees.map((hash) => Buffer.from(hash));
  }

  get size(): number {
    return this.leaves;
  }

  /** Adds a leaf hash and gives the subtrees of more than one leaf that it completes, the smallest first. */
  append(leafHash: Uint8Array): CompletedSubtree[] {
    const completed: CompletedSubtree[] = [];
    let hash = Buffer.from(leafHash);
    let index = this.leaves;
    for (let level = 1; index % 2 === 1; level++) {
      hash = merkleNodeHash(this.edge.pop()!, hash) as Buffer<ArrayBuffer>;
      index = (index - 1) / 2;
      completed.push({ level, index, hash });
    }
    this.edge.push(hash);
    this.leaves += 1;
    return completed;
  }

  /** The tree head; of an empty tree, the hash of nothing. */
  root(): Buffer {
    return this.leaves === 0 ? sha256('') : foldSubtrees(this.edge);
  }
}
