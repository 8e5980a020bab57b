import { hkdfSync, type KeyObject } from 'node:crypto';

/**
 * HKDF with SHA-256 (RFC 5869). Throws RangeError above 255 × 32 bytes of output, and for info over 1,024 bytes.
 */
export function hkdfSha256(
  key: KeyObject,
  salt: string | Uint8Array,
  info: string | Uint8Array,
  length: number,
): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, length));
}
