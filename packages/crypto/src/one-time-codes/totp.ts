import { randomBytes, timingSafeEqual } from 'node:crypto';
import speakeasy from 'speakeasy';

export type TotpAlgorithm = 'sha1' | 'sha256' | 'sha512';

/** RFC 6238 §5.2 recommends 30 seconds; authenticator apps know hardly anything else. */
export const TOTP_STEP_SECONDS = 30;
/** RFC 4226 §4 (R6) recommends 160 bits. */
const SECRET_BYTES = 20;
const SIX_DIGITS = /^[0-9]{6}$/;
/** speakeasy shifts the counter as a signed 32-bit number. */
const LAST_STEP = 0x7fff_ffff;

/**
 * The one-time code of a step (RFC 6238, RFC 4226). speakeasy computes it and does nothing else here: its own check
 * accepts malformed and used codes, and the secrets it makes are biased. Throws RangeError outside step 0 … 2^31-1.
 */
export function totp(secret: Buffer, step: number, digits = 6, algorithm: TotpAlgorithm = 'sha1'): string {
  if (!Number.isInteger(step) || step < 0 || step > LAST_STEP) throw new RangeError('a step is 0 to 2^31-1');
  // speakeasy takes a Buffer as it is, although its types know only texts.
  const key = secret as unknown as string;
  return speakeasy.hotp({ secret: key, counter: step, digits, algorithm });
}

export interface TotpCheck {
  readonly now: Date;
  /** The step last accepted for this secret, or null before the first. Store what `verifyTotp` returns. */
  readonly lastStep: number | null;
  /** Steps of clock drift allowed each way. */
  readonly window?: number;
}

/**
 * The step whose code this is, or null. Accepts six ASCII digits and nothing else; a step up to and including
 * `lastStep` is never accepted, so a code works once (RFC 6238 §5.2). All steps are compared, in constant time.
 */
export function verifyTotp(secret: Buffer, code: string, { now, lastStep, window = 1 }: TotpCheck): number | null {
  if (typeof code !== 'string' || !SIX_DIGITS.test(code)) return null;
  const given = Buffer.from(code, 'ascii');
  const current = Math.floor(now.getTime() / 1000 / TOTP_STEP_SECONDS);
  let matched: number | null = null;
  // The latest match wins: if two steps share a code, taking the earlier would leave it good for a second use.
  for (let step = Math.max(0, current - window); step <= current + window; step++) {
    const equal = timingSafeEqual(Buffer.from(totp(secret, step), 'ascii'), given);
    if (equal && (lastStep === null || step > lastStep)) matched = step;
  }
  return matched;
}

/** A new secret of 160 random bits, as bytes to seal and as base32 (RFC 4648 §6) to type into an authenticator. */
export function newTotpSecret(): { secret: Buffer; base32: string } {
  const secret = randomBytes(SECRET_BYTES);
  return { secret, base32: base32(secret) };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Five bytes are eight symbols, so 20 bytes need no padding. */
function base32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return bits.replace(/[01]{5}/g, (five) => BASE32[Number.parseInt(five, 2)]!);
}
