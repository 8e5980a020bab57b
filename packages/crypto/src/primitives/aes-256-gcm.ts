import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

export const GCM_IV_BYTES = 12;
export const GCM_TAG_BYTES = 16;

/**
 * AES-256-GCM (NIST SP 800-38D). Gives ciphertext followed by the 16-byte tag.
 * Throws for an IV that is not 96 bits or a key that is not 256 bits. The caller answers for never repeating an IV.
 */
export function encryptGcm(key: KeyObject, iv: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Buffer {
  requireIv(iv);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: GCM_TAG_BYTES });
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * The plaintext, or null when ciphertext, tag, IV or associated data are not what was sealed.
 * Throws only for an IV or key of the wrong size.
 */
export function decryptGcm(key: KeyObject, iv: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Buffer | null {
  requireIv(iv);
  // A shorter tag would be accepted by GCM and is far easier to forge: the full length is demanded.
  if (sealed.length < GCM_TAG_BYTES) return null;
  const end = sealed.length - GCM_TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: GCM_TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return plaintext;
}

function requireIv(iv: Uint8Array): void {
  if (iv.length !== GCM_IV_BYTES) throw new RangeError(`AES-256-GCM needs an IV of ${GCM_IV_BYTES} bytes`);
}
