import { sha256 } from '../canonical/sha256';
import { GrowingTree } from './growing-tree';
import { consistencyProof, inclusionProof } from './merkle-proofs';
import { merkleRoot, rangeHash } from './merkle-tree';
import { completeSubtrees, consistencyRanges, foldSubtrees, inclusionRanges, type LeafRange } from './proof-ranges';

const MOST = 37;
const leaves = Array.from({ length: MOST }, (_, n) => sha256(`leaf ${n}`));

test('a tree that grew leaf by leaf has the root of the whole one, at every size', () => {
  const tree = new GrowingTree();
  for (let size = 0; size <= MOST; size++) {
    expect([size, tree.root()]).toEqual([size, merkleRoot(leaves.slice(0, size))]);
    if (size < MOST) tree.append(leaves[size]!);
  }
});

test('each complete subtree is given once, with its hash, when its last leaf comes', () => {
  const tree = new GrowingTree();
  const seen = new Set<string>();
  for (const leaf of leaves) {
    for (const { level, index, hash } of tree.append(leaf)) {
      expect((index + 1) * 2 ** level).toBe(tree.size);
      expect(hash).toEqual(rangeHash(leaves, index * 2 ** level, tree.size));
      seen.add(`${level} ${index}`);
    }
  }
  expect(seen.size).toBe([1, 2, 3, 4, 5].reduce((sum, level) => sum + Math.floor(MOST / 2 ** level), 0));
});

test('a tree goes on from the complete subtrees of an older one', () => {
  for (let size = 0; size < MOST; size++) {
    const subtrees = completeSubtrees({ start: 0, end: size }).map(hashOf);
    const tree = new GrowingTree({ size, subtrees });
    for (const leaf of leaves.slice(size)) tree.append(leaf);
    expect(tree.root()).toEqual(merkleRoot(leaves));
  }
  expect(() => new GrowingTree({ size: 3, subtrees: [leaves[0]!] })).toThrow(RangeError);
});

test('proofs from complete subtrees alone are the proofs from all leaves', () => {
  const folded = (ranges: LeafRange[]) => ranges.map((range) => foldSubtrees(completeSubtrees(range).map(hashOf)));
  for (let size = 1; size <= MOST; size++) {
    for (let at = 0; at < size; at++) {
      const tree = leaves.slice(0, size);
      expect(spelt(folded(inclusionRanges(at, size)))).toBe(spelt(inclusionProof(tree, at)));
      expect(spelt(folded(consistencyRanges(at + 1, size)))).toBe(spelt(consistencyProof(tree, at + 1)));
    }
  }
});

test('what lies outside the tree has no proof', () => {
  for (const index of [-1, 5, 0.5, Number.NaN]) expect(() => inclusionRanges(index, 5)).toThrow(RangeError);
  for (const size of [0, 6, 1.5]) expect(() => consistencyRanges(size, 5)).toThrow(RangeError);
});

function hashOf({ level, index }: { level: number; index: number }): Buffer {
  return rangeHash(leaves, index * 2 ** level, (index + 1) * 2 ** level);
}

function spelt(proof: readonly Buffer[]): string {
  return proof.map((hash) => hash.toString('hex')).join(' ');
}
