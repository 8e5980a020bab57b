import { randomFillSync, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../canonical/canonical-json';
import { sha256 } from '../canonical/sha256';

/** A field's value before and after a change. */
export type Slot = readonly [old: unknown, new: unknown];

export const SALT_BYTES = 32;
export const COMMITMENT_BYTES = 32;

/** Grows to the largest slot seen, so that committing allocates nothing but its results. */
let scratch = Buffer.alloc(4096);

/**
 * Commits to the slots of one change: for each name, in UTF-16 code unit order, SHA-256(salt ‖ canonical JSON of
 * [old, new]) with a random salt of its own. Commitments may be published and kept for ever; a value shows only to
 * whom its salt is shown, and erasing value and salt leaves the commitment standing and telling nothing.
 *
 * A commitment does not hold its slot's name: whatever is signed over it must list the names in the same order.
 * Throws NotCanonicalJson for a value that has no canonical JSON form.
 */
export function commitSlots(slots: Readonly<Record<string, Slot>>): {
  names: string[];
  commitments: Buffer;
  salts: Buffer;
} {
  const names = Object.keys(slots).sort();
  const salts = randomFillSync(Buffer.allocUnsafe(names.length * SALT_BYTES));
  const commitments = Buffer.allocUnsafe(names.length * COMMITMENT_BYTES);
  for (let index = 0; index < names.length; index++) {
    const salt = salts.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES);
    commitSlot(slots[names[index]!]!, salt).copy(commitments, index * COMMITMENT_BYTES);
  }
  return { names, commitments, salts };
}

/** The commitment to one slot under a salt of 32 bytes: what a reader computes who was shown only this slot. */
export function commitSlot(slot: Slot, salt: Uint8Array): Buffer {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
  const text = canonicalJson([slot[0], slot[1]]);
  const longest = SALT_BYTES + text.length * 3;
  if (scratch.length < longest) scratch = Buffer.alloc(longest);
  scratch.set(salt, 0);
  const end = SALT_BYTES + scratch.write(text, SALT_BYTES, 'utf8');
  return sha256(scratch.subarray(0, end));
}

/** True when the commitments are those of exactly these slots under these salts. Never throws. */
export function verifySlots(
  slots: Readonly<Record<string, Slot>>,
  salts: Uint8Array,
  commitments: Uint8Array,
): boolean {
  const names = Object.keys(slots).sort();
  if (salts.length !== names.length * SALT_BYTES || commitments.length !== names.length * COMMITMENT_BYTES) {
    return false;
  }
  return names.every((name, index) => {
    const salt = salts.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES);
    const expected = commitments.subarray(index * COMMITMENT_BYTES, (index + 1) * COMMITMENT_BYTES);
    try {
      return timingSafeEqual(commitSlot(slots[name]!, salt), expected);
    } catch {
      return false;
    }
  });
}
