import { type KeyObject, randomBytes } from 'node:crypto';
import { decryptGcm, encryptGcm, GCM_IV_BYTES, GCM_TAG_BYTES } from '../primitives/aes-256-gcm';
import { lengthPrefixed } from '../primitives/length-prefixed';

/** Where a value is sealed; it opens nowhere else. `store` is `live`, `pending:<id>` or `audit:<id>`. */
export interface SealedPlace {
  readonly store: string;
  readonly object: string;
  readonly field: string;
  readonly record: string;
}

/** Thrown for a sealed value that does not open: damaged, moved to another place, or sealed under a key not held. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';

  constructor(
    /** `format`: no envelope of ours. `key`: sealed under another key. `authentication`: altered or out of place. */
    readonly reason: 'format' | 'key' | 'authentication',
  ) {
    super(`a sealed value does not open (${reason})`);
  }
}

export const SEALED_VALUE_VERSION = 1;
export const KEY_ID_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
/** What an envelope is longer than its plaintext; also the shortest envelope. */
export const SEALED_VALUE_OVERHEAD = HEADER_BYTES + GCM_IV_BYTES + GCM_TAG_BYTES;

/** A data key and its id. A handle: key bytes are not reachable from outside this package. */
export class SealingKey {
  readonly #id: Buffer;
  readonly #key: KeyObject;

  constructor(id: Uint8Array, key: KeyObject) {
    if (id.length !== KEY_ID_BYTES) throw new RangeError(`a key id has ${KEY_ID_BYTES} bytes`);
    this.#id = Buffer.from(id);
    this.#key = key;
  }

  get id(): Buffer {
    return Buffer.from(this.#id);
  }

  hasId(id: Uint8Array): boolean {
    return this.#id.equals(id);
  }

  encrypt(iv: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Buffer {
    return encryptGcm(this.#key, iv, plaintext, associated);
  }

  decrypt(iv: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Buffer | null {
    return decryptGcm(this.#key, iv, sealed, associated);
  }
}

/**
 * Seals stored values with AES-256-GCM under a random 96-bit IV (SP 800-38D §8.2.2: at most 2^32 values a key).
 *
 * Envelope: version 1 | key id 16 | IV 12 | ciphertext | tag 16. The place, the key id and the version are associated
 * data, so a value copied to another record, field or store does not open, and no part of the envelope can be altered.
 */
export class ValueSealer {
  readonly #keys: readonly SealingKey[];

  /** The first key seals, all of them open. */
  constructor(keys: readonly SealingKey[]) {
    this.#keys = keys;
  }

  /** Seals bytes, or the UTF-8 form of a text, in their place. Equal values give different envelopes. */
  seal(plaintext: Uint8Array | string, place: SealedPlace): Buffer {
    const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
    const key = this.#keys[0]!;
    const header = Buffer.concat([Buffer.of(SEALED_VALUE_VERSION), key.id]);
    const iv = randomBytes(GCM_IV_BYTES);
    return Buffer.concat([header, iv, key.encrypt(iv, bytes, associated(header, place))]);
  }

  /** The plaintext of an envelope that was sealed in this very place. Throws SealBroken for anything else. */
  open(envelope: Uint8Array, place: SealedPlace): Buffer {
    if (envelope.length < SEALED_VALUE_OVERHEAD || envelope[0] !== SEALED_VALUE_VERSION) {
      throw new SealBroken('format');
    }
    const header = envelope.subarray(0, HEADER_BYTES);
    const key = this.#keys.find((candidate) => candidate.hasId(header.subarray(1)));
    if (key === undefined) throw new SealBroken('key');
    const iv = envelope.subarray(HEADER_BYTES, HEADER_BYTES + GCM_IV_BYTES);
    const plaintext = key.decrypt(iv, envelope.subarray(HEADER_BYTES + GCM_IV_BYTES), associated(header, place));
    if (plaintext === null) throw new SealBroken('authentication');
    return plaintext;
  }
}

function associated(header: Uint8Array, place: SealedPlace): Buffer {
  return Buffer.concat([header, lengthPrefixed(place.store, place.object, place.field, place.record)]);
}
