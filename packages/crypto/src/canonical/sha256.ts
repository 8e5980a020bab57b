import { hash } from 'node:crypto';

/** SHA-256 (FIPS 180-4) of bytes, or of the UTF-8 form of a text. */
export function sha256(data: string | Uint8Array): Buffer {
  // The one-shot form costs about half of createHash on the short inputs that commitments and logs are made of.
  return hash('sha256', data, 'buffer');
}
