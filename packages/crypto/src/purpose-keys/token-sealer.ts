import type { KeyObject } from 'node:crypto';
import { decryptGcm, encryptGcm, GCM_IV_BYTES, GCM_TAG_BYTES } from '../primitives/aes-256-gcm';
import { strictBase64url } from '../primitives/base64url';
import { hmacSha256 } from '../primitives/hmac-sha256';
import { lengthPrefixed } from '../primitives/length-prefixed';

export interface LabelledSealingKeys {
  readonly label: number;
  readonly encryption: KeyObject;
  readonly iv: KeyObject;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Seals short texts that leave the gateway and come back, such as cursors and decision ids. Deterministic: equal text
 * in equal context gives an equal token, and nothing else about the text shows but its length.
 *
 * The IV is synthetic: the first 96 bits of an HMAC, under a key of its own, over context and text. Two reasons. Equal
 * pages give equal bytes, so answers can be compared and cached. And an IV repeats only with its very text (an accident
 * has the odds of a 96-bit collision), whereas random IVs would use up their safe number with every page served.
 * Opening computes the IV again, so a token that this sealer would not have made does not open even if its tag holds.
 *
 * Not for stored customer data: NIST SP 800-38D does not know synthetic IVs. That is ValueSealer's work.
 *
 * Token: base64url(key version 1 | IV 12 | ciphertext | tag 16).
 */
export class TokenSealer {
  readonly #keys: readonly LabelledSealingKeys[];

  /** The first keys seal, all of them open. */
  constructor(keys: readonly LabelledSealingKeys[]) {
    this.#keys = keys;
  }

  /** Throws TypeError for a text or context with a lone surrogate: it could not come back as it was. */
  seal(plaintext: string, context: string): string {
    if (LONE_SURROGATE.test(plaintext) || LONE_SURROGATE.test(context)) {
      throw new TypeError('a text with a lone surrogate cannot be sealed');
    }
    const keys = this.#keys[0]!;
    const text = Buffer.from(plaintext, 'utf8');
    const prefix = lengthPrefixed(context);
    const iv = syntheticIv(keys, prefix, text);
    const sealed = encryptGcm(keys.encryption, iv, text, associated(keys, prefix));
    return Buffer.concat([Buffer.of(keys.label), iv, sealed]).toString('base64url');
  }

  /** The text, or null for anything that was not sealed by this sealer in this context. Never throws. */
  open(token: string, context: string): string | null {
    if (typeof token !== 'string' || typeof context !== 'string' || LONE_SURROGATE.test(context)) return null;
    const bytes = strictBase64url(token);
    if (bytes === null || bytes.length < 1 + GCM_IV_BYTES + GCM_TAG_BYTES) return null;
    const prefix = lengthPrefixed(context);
    for (const keys of this.#keys) {
      if (keys.label !== bytes[0]) continue;
      const iv = bytes.subarray(1, 1 + GCM_IV_BYTES);
      const text = decryptGcm(keys.encryption, iv, bytes.subarray(1 + GCM_IV_BYTES), associated(keys, prefix));
      if (text !== null && syntheticIv(keys, prefix, text).equals(iv)) return text.toString('utf8');
    }
    return null;
  }
}

function syntheticIv(keys: LabelledSealingKeys, context: Uint8Array, text: Uint8Array): Buffer {
  return hmacSha256(keys.iv, context, text).subarray(0, GCM_IV_BYTES);
}

function associated(keys: LabelledSealingKeys, context: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(keys.label), context]);
}
