import { merkleNodeHash, merkleRoot, rangeHash, splitSize } from './merkle-tree';

const HASH_BYTES = 32;

/** The audit path of a leaf (RFC 6962 §2.1.1), nearest sibling first. Throws RangeError outside the tree. */
export function inclusionProof(leafHashes: readonly Uint8Array[], index: number): Buffer[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= leafHashes.length) {
    throw new RangeError('the leaf lies outside the tree');
  }
  return subtreeProof(leafHashes, 0, leafHashes.length, index, index + 1, true);
}

/**
 * Proves that the first `oldSize` leaves are the beginning of the tree (RFC 6962 §2.1.2).
 * Throws RangeError unless 1 <= oldSize <= the tree's size.
 */
export function consistencyProof(leafHashes: readonly Uint8Array[], oldSize: number): Buffer[] {
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > leafHashes.length) {
    throw new RangeError('the older tree must have at least one leaf and no more than the newer one');
  }
  return subtreeProof(leafHashes, 0, leafHashes.length, 0, oldSize, true);
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

/**
 * The hashes that, with the range [from, to) known to the verifier, make up the tree over [start, end). `known` turns
 * false once only a part of the range lies in this tree: then the part's own hash has to be told.
 */
function subtreeProof(
  leafHashes: readonly Uint8Array[],
  start: number,
  end: number,
  from: number,
  to: number,
  known: boolean,
): Buffer[] {
  if (from === start && to === end) return known ? [] : [rangeHash(leafHashes, start, end)];
  const middle = start + splitSize(end - start);
  if (to <= middle) {
    return [...subtreeProof(leafHashes, start, middle, from, to, known), rangeHash(leafHashes, middle, end)];
  }
  const inRight = subtreeProof(leafHashes, middle, end, Math.max(from, middle), to, known && from >= middle);
  return [...inRight, rangeHash(leafHashes, start, middle)];
}

/** Retraces the steps of `subtreeProof`, taking hashes from the proof's end; null when it is too long or too short. */
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
