import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  consistencyProof,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
} from './merkle-proofs';
import { merkleLeafHash, merkleNodeHash, merkleRoot } from './merkle-tree';

const leaves = Array.from({ length: 40 }, (_, n) => merkleLeafHash(Buffer.from(`entry ${n}`)));
const rootOf = (size: number) => merkleRoot(leaves.slice(0, size));

/** RFC 6962 §2.1 word for word, to compare with. */
function definition(entries: Buffer[]): Buffer {
  const hash = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (entries.length === 0) return hash();
  if (entries.length === 1) return hash(Buffer.of(0), entries[0]!);
  const k = 2 ** Math.ceil(Math.log2(entries.length) - 1);
  return hash(Buffer.of(1), definition(entries.slice(0, k)), definition(entries.slice(k)));
}

test('the tree head is that of RFC 6962 §2.1 for every size up to 40', () => {
  const entries = leaves.map((_, n) => Buffer.from(`entry ${n}`));
  for (let size = 0; size <= 40; size++) expect(rootOf(size)).toEqual(definition(entries.slice(0, size)));
});

test('an entry cannot pass for an inner node', () => {
  const [left, right] = leaves;
  expect(merkleLeafHash(Buffer.concat([left!, right!]))).not.toEqual(merkleNodeHash(left!, right!));
});

test('every entry of every tree up to 40 is proven to stand where it stands, and nowhere else', () => {
  for (let size = 1; size <= 40; size++) {
    for (let index = 0; index < size; index++) {
      const claim = { leafHash: leaves[index]!, treeSize: size, root: rootOf(size) };
      const proof = inclusionProof(leaves.slice(0, size), index);
      expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
      expect(verifyInclusion({ ...claim, index, proof })).toBe(true);
      expect(verifyInclusion({ ...claim, index: (index + 1) % size, proof })).toBe(size === 1);
      expect(verifyInclusion({ ...claim, index: index + size, proof })).toBe(false);
    }
  }
});

test('every tree up to 40 is proven to begin with every smaller one', () => {
  for (let newSize = 1; newSize <= 40; newSize++) {
    for (let oldSize = 1; oldSize <= newSize; oldSize++) {
      const proof = consistencyProof(leaves.slice(0, newSize), oldSize);
      const claim = { oldSize, newSize, oldRoot: rootOf(oldSize), newRoot: rootOf(newSize), proof };
      expect(verifyConsistency(claim)).toBe(true);
      if (oldSize < newSize) expect(verifyConsistency({ ...claim, oldRoot: rootOf(oldSize + 1) })).toBe(false);
    }
  }
});

test('a log that rewrote, dropped or swapped an old entry cannot prove that it only grew', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (newSize, a, b) => {
      const oldSize = 1 + (a % (newSize - 1));
      const changed = leaves.slice(0, newSize);
      changed[b % oldSize] = merkleLeafHash(Buffer.from('another story'));
      const proof = consistencyProof(changed, oldSize);
      const claim = { oldSize, newSize, oldRoot: rootOf(oldSize), newRoot: merkleRoot(changed), proof };
      expect(verifyConsistency(claim)).toBe(false);
    }),
  );
});

test('a proof with any bit changed, an entry dropped or an entry added does not hold', () => {
  const size = 23;
  const tree = leaves.slice(0, size);
  const proof = inclusionProof(tree, 9);
  const claim = { leafHash: leaves[9]!, index: 9, treeSize: size, root: rootOf(size) };
  for (let at = 0; at < proof.length; at++) {
    for (let bit = 0; bit < 256; bit++) {
      const altered = proof.map((hash) => Buffer.from(hash));
      altered[at]![bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyInclusion({ ...claim, proof: altered })).toBe(false);
    }
    expect(verifyInclusion({ ...claim, proof: proof.filter((_, other) => other !== at) })).toBe(false);
    expect(verifyInclusion({ ...claim, proof: proof.toSpliced(at, 0, leaves[0]!) })).toBe(false);
  }
});

test('two hashes of odd lengths cannot stand in for a pair', () => {
  const [left, right] = [leaves[0]!, leaves[1]!];
  const joined = Buffer.concat([left, right]);
  const claim = { index: 0, treeSize: 2, root: merkleNodeHash(left, right) };
  expect(verifyInclusion({ ...claim, leafHash: left, proof: [right] })).toBe(true);
  for (const cut of [0, 16, 33, 64]) {
    const claimed = { ...claim, leafHash: joined.subarray(0, cut), proof: [joined.subarray(cut)] };
    expect(verifyInclusion(claimed)).toBe(false);
  }
});

test('a byte cannot be moved from a proof into the root that it proves', () => {
  const newRoot = rootOf(3);
  const oldRoot = rootOf(2);
  const claim = { oldSize: 2, newSize: 3, newRoot };
  expect(verifyConsistency({ ...claim, oldRoot, proof: [leaves[2]!] })).toBe(true);
  const longer = Buffer.concat([oldRoot, leaves[2]!.subarray(0, 1)]);
  expect(verifyConsistency({ ...claim, oldRoot: longer, proof: [leaves[2]!.subarray(1)] })).toBe(false);
});

test('nonsense sizes are refused, and an empty older tree proves nothing', () => {
  const root = rootOf(4);
  for (const index of [-1, 4, 1.5, Number.NaN, 2 ** 60]) {
    expect(() => inclusionProof(leaves.slice(0, 4), index)).toThrow(RangeError);
    expect(verifyInclusion({ leafHash: leaves[0]!, index, treeSize: 4, root, proof: [] })).toBe(false);
  }
  for (const oldSize of [-1, 0, 5, 1.5]) {
    expect(() => consistencyProof(leaves.slice(0, 4), oldSize)).toThrow(RangeError);
    expect(verifyConsistency({ oldSize, newSize: 4, oldRoot: merkleRoot([]), newRoot: root, proof: [] })).toBe(false);
  }
  const crooked = { start: 1, end: 3, subtreeRoot: merkleRoot(leaves.slice(1, 3)), treeSize: 4, root, proof: [] };
  expect(verifySubtreeConsistency(crooked)).toBe(false);
});
