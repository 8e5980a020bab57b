import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { hmacSha256 } from '../primitives/hmac-sha256';

/** One version of a purpose key; `label` is the byte that tells versions apart in what they made. */
export interface LabelledKey {
  readonly label: number;
  readonly key: KeyObject;
}

/**
 * Authenticates data for one purpose: HMAC-SHA-256 behind one byte that names the key version (33 bytes).
 * A handle: it never shows its key.
 */
export class MacKey {
  readonly #keys: readonly LabelledKey[];

  /** The first key signs, all of them verify. */
  constructor(keys: readonly LabelledKey[]) {
    this.#keys = keys;
  }

  /** The MAC of the bytes, or of the text's UTF-8 form, under the current key version. */
  mac(data: string | Uint8Array): Buffer {
    return macUnder(this.#keys[0]!, data);
  }

  /** True when a current or older key version made this MAC. Takes constant time; never throws for a malformed MAC. */
  verify(data: string | Uint8Array, mac: Uint8Array): boolean {
    if (!(mac instanceof Uint8Array) || mac.length !== 33) return false;
    // Labels are one derived byte, so two versions may share one: every key with that label is asked.
    return this.#keys.some((key) => key.label === mac[0] && timingSafeEqual(macUnder(key, data), mac));
  }
}

function macUnder(version: LabelledKey, data: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(version.label), hmacSha256(version.key, data)]);
}
