import { merkleNodeHash, merkleRoot, rangeHash, splitSize } from './merkle-tree';
import { consistencyRanges, inclusionRanges } from './proof-ranges';

const HASH_BYTES = 32;

/** The audit path of a leaf (RFC 6962 §2.1.1), nearest sibling first. Throws RangeError outside the tree. */
export function inclusionProof(leafHashes: readonly Uint8Array[], index: number): Buffer[] {
  return inclusionRanges(index, leafHashes.length).map(({ start, end }) => rangeHash(leafHashes, start, end));
}

/**
 * Proves that the first `oldSize` leaves are the beginning of the tree (RFC 6962 §2.1.2).
 * Throws RangeError unless 1 <= oldSize <= the tree's size.
 */
export function consistencyProof(leafHashes: readonly Uint8Array[], oldSize: number): Buffer[] {
  return consistencyRanges(oldSize, leafHashes.length).map(({ start, end }) => rangeHash(leafHashes, start, end));
}

/** True when the leaf stands at `index` of the tree with this size and root. Never throws. */
export function verifyInclusion(claim: {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly treeSize: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  if (claim.leafHash.length !== HASH_BYTES) return false;
  return verifySubtreeConsistency({
    start: claim.index,
    end: claim.index + 1,
    subtreeRoot: claim.leafHash,
    treeSize: claim.treeSize,
    root: claim.root,
    proof: claim.proof,
  });
}

/** True when the older tree is the beginning of the newer one. An empty older tree proves nothing: false. */
export function verifyConsistency(claim: {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  if (claim.oldSize === 0) return false;
  return verifySubtreeConsistency({
    start: 0,
    end: claim.oldSize,
    subtreeRoot: claim.oldRoot,
    treeSize: claim.newSize,
    root: claim.newRoot,
    proof: claim.proof,
  });
}

/**
 * True when the leaves from `start` up to but not including `end` have the hash `subtreeRoot` as a tree of their own
 * and stand there in the tree with this size and root. An inclusion proof is the case of one leaf, a consistency proof
 * the case of start 0. `start` must be a multiple of the smallest power of two that is not below the subtree's size:
 * other ranges are no subtree. An empty range has the hash of nothing and stands in every tree. Never throws.
 */
export function verifySubtreeConsistency(claim: {
  readonly start: number;
  readonly end: number;
  readonly subtreeRoot: Uint8Array;
  readonly treeSize: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  const { start, end, treeSize, subtreeRoot, root, proof } = claim;
  if (![start, end, treeSize].every(Number.isSafeInteger)) return false;
  if (start < 0 || end < start || end > treeSize || !isSubtree(start, end)) return false;
  // Two hashes of other lengths could spell the same 64 bytes. The two roots need no such rule: a proof ends in them.
  if (!proof.every((hash) => hash.length === HASH_BYTES)) return false;
  if (start === end) return proof.length === 0 && merkleRoot([]).equals(subtreeRoot);
  const hashes = foldProof(start, end, treeSize, subtreeRoot, proof);
  return hashes?.subtree.equals(subtreeRoot) === true && hashes.tree.equals(root);
}

/** Retraces the steps by which a proof was made, taking hashes from the proof's end; null when it is too long or too short. */
function foldProof(
  start: number,
  end: number,
  size: number,
  known: Uint8Array | null,
  proof: readonly Uint8Array[],
): { subtree: Buffer; tree: Buffer } | null {
  if (start === 0 && end === size) {
    const rest = known === null ? proof : [known, ...proof];
    if (rest.length !== 1) return null;
    const hash = Buffer.from(rest[0]!);
    return { subtree: hash, tree: hash };
  }
  const sibling = proof.at(-1);
  if (sibling === undefined) return null;
  const before = proof.slice(0, -1);
  const middle = splitSize(size);
  if (end <= middle) {
    const left = foldProof(start, end, middle, known, before);
    return left && { subtree: left.subtree, tree: merkleNodeHash(left.tree, sibling) };
  }
  const whole = start >= middle;
  const right = foldProof(whole ? start - middle : 0, end - middle, size - middle, whole ? known : null, before);
  if (right === null) return null;
  const subtree = whole ? right.subtree : merkleNodeHash(sibling, right.subtree);
  return { subtree, tree: merkleNodeHash(sibling, right.tree) };
}

function isSubtree(start: number, end: number): boolean {
  let width = 1;
  while (width < end - start) width *= 2;
  return start % width === 0;
}
