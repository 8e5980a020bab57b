import { merkleNodeHash, splitSize } from './merkle-tree';

/** The leaves from `start` up to but not including `end`, as a tree of their own. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** A subtree of 2^level leaves that begins at leaf index × 2^level. Once its leaves are there, its hash never changes. */
export interface CompleteSubtree {
  readonly level: number;
  readonly index: number;
}

/**
 * The ranges whose hashes make up the audit path of a leaf (RFC 6962 §2.1.1), nearest sibling first.
 * Throws RangeError outside the tree.
 */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError('the leaf lies outside the tree');
  }
  return provingRanges({ start: 0, end: size }, { start: index, end: index + 1 }, true);
}

/** The same for a proof that the first `oldSize` leaves begin the tree (RFC 6962 §2.1.2); 1 <= oldSize <= size. */
export function consistencyRanges(oldSize: number, size: number): LeafRange[] {
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > size) {
    throw new RangeError('the older tree must have at least one leaf and no more than the newer one');
  }
  return provingRanges({ start: 0, end: size }, { start: 0, end: oldSize }, true);
}

/**
 * The ranges that, with `asked` known to the verifier, make up the tree over `tree`. `known` turns false once only a part
 * of the asked range lies in this tree: then the part's own hash has to be told.
 */
function provingRanges(tree: LeafRange, asked: LeafRange, known: boolean): LeafRange[] {
  const { start, end } = tree;
  if (asked.start === start && asked.end === end) return known ? [] : [tree];
  const middle = start + splitSize(end - start);
  if (asked.end <= middle) {
    return [...provingRanges({ start, end: middle }, asked, known), { start: middle, end }];
  }
  const inRight = { start: Math.max(asked.start, middle), end: asked.end };
  return [...provingRanges({ start: middle, end }, inRight, known && asked.start >= middle), { start, end: middle }];
}

/**
 * The complete subtrees that a range consists of, left to right: at most one of each size, the largest first. The range
 * must be one that the functions above give, or start at 0.
 */
export function completeSubtrees({ start, end }: LeafRange): CompleteSubtree[] {
  const parts: CompleteSubtree[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    while (2 ** (level + 1) <= end - at) level++;
    parts.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return parts;
}

/** The hash over a range from those of its complete subtrees, left to right (at least one). */
export function foldSubtrees(hashes: readonly Uint8Array[]): Buffer {
  const [last, ...before] = [...hashes].reverse();
  if (last === undefined) throw new RangeError('no range is empty');
  return before.reduce<Buffer>((right, left) => merkleNodeHash(left, right), Buffer.from(last));
}
