import { merkleLeafHash, merkleRoot, verifyConsistency, verifyInclusion, verifySubtreeConsistency } from '../src/index';
import { testVectors } from './published-vectors';

interface Proof {
  path: string;
  leafIdx: number;
  leafHash: string;
  treeSize: number;
  size1: number;
  size2: number;
  start: number;
  end: number;
  size: number;
  root: string;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}
type File = Record<'inclusion' | 'consistency' | 'subtreeinclusion' | 'subtreeconsistency', Proof[]> & {
  tree: { leafInputsHex: string[]; rootBySizeHex: string[] };
};

const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64');
const proofOf = (given: Proof) => (given.proof ?? []).map(bytes);
const FILE = 'merkle/rfc6962_proofs.json';

function judge(proofs: Proof[], verify: (given: Proof) => boolean) {
  const counts = { accepted: 0, refused: 0 };
  for (const given of proofs) {
    const holds = verify(given);
    expect([given.path, holds]).toEqual([given.path, !given.wantErr]);
    counts[holds ? 'accepted' : 'refused']++;
  }
  return counts;
}

describe('Published RFC 6962 proofs: the true ones hold, the altered ones do not', () => {
  testVectors('98 inclusion proofs', FILE, ({ inclusion }: File) => {
    expect(inclusion).toHaveLength(98);
    return judge(inclusion, (given) =>
      verifyInclusion({
        leafHash: bytes(given.leafHash),
        index: given.leafIdx,
        treeSize: given.treeSize,
        root: bytes(given.root),
        proof: proofOf(given),
      }),
    );
  });

  testVectors('98 consistency proofs', FILE, ({ consistency }: File) => {
    expect(consistency).toHaveLength(98);
    return judge(consistency, (given) =>
      verifyConsistency({
        oldSize: given.size1,
        newSize: given.size2,
        oldRoot: bytes(given.root1),
        newRoot: bytes(given.root2),
        proof: proofOf(given),
      }),
    );
  });

  testVectors('204 inclusion proofs in a subtree', FILE, ({ subtreeinclusion }: File) => {
    expect(subtreeinclusion).toHaveLength(204);
    // A leaf in a subtree is a leaf of a tree of its own, counted from the subtree's start.
    return judge(subtreeinclusion, (given) =>
      verifyInclusion({
        leafHash: bytes(given.leafHash),
        index: given.leafIdx - given.start,
        treeSize: given.end - given.start,
        root: bytes(given.root),
        proof: proofOf(given),
      }),
    );
  });

  testVectors('118 consistency proofs of a subtree', FILE, ({ subtreeconsistency }: File) => {
    expect(subtreeconsistency).toHaveLength(118);
    return judge(subtreeconsistency, (given) =>
      verifySubtreeConsistency({
        start: given.start,
        end: given.end,
        subtreeRoot: bytes(given.root1),
        treeSize: given.size,
        root: bytes(given.root2),
        proof: proofOf(given),
      }),
    );
  });

  testVectors('tree heads of 0 to 8 entries', FILE, ({ tree }: File) => {
    const leaves = tree.leafInputsHex.map((entry) => merkleLeafHash(Buffer.from(entry, 'hex')));
    for (const [size, root] of tree.rootBySizeHex.entries()) {
      expect(merkleRoot(leaves.slice(0, size)).toString('hex')).toBe(root);
    }
    return { heads: tree.rootBySizeHex.length };
  });
});
