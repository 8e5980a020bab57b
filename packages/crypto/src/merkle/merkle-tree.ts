import { sha256 } from '../canonical/sha256';

// RFC 6962 §2.1 and RFC 9162 §2.1.1: different first bytes keep an entry from passing for an inner node.
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** The hash of a log entry (RFC 6962 §2.1). */
export function merkleLeafHash(entry: Uint8Array): Buffer {
  return sha256(Buffer.concat([LEAF, entry]));
}

/** The hash of an inner node over its two children. */
export function merkleNodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(Buffer.concat([NODE, left, right]));
}

/** The tree head over all leaf hashes; for none, the hash of nothing. */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Buffer {
  return leafHashes.length === 0 ? sha256('') : rangeHash(leafHashes, 0, leafHashes.length);
}

/** The hash over the leaves from `start` up to but not including `end` (at least one), as a tree of their own. */
export function rangeHash(leafHashes: readonly Uint8Array[], start: number, end: number): Buffer {
  if (end - start === 1) return Buffer.from(leafHashes[start]!);
  const middle = start + splitSize(end - start);
  return merkleNodeHash(rangeHash(leafHashes, start, middle), rangeHash(leafHashes, middle, end));
}

/** The size of a tree's left part: the largest power of two below `size` (2 or more). */
export function splitSize(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
