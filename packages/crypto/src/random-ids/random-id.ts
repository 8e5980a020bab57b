import { randomFillSync } from 'node:crypto';

/** A clock that steps back by up to this much is held; more than that is another time on purpose (old data, a test). */
const HELD_STEP_BACK_MS = 10_000;
const COUNTER_LIMIT = 0x1000;

const pool = Buffer.alloc(4096);
let poolOffset = pool.length;
let lastTime = 0;
let counter = 0;

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, 12 bits of a counter, 62 random bits. Ids of one process
 * ascend as text in the order they were made, also within a millisecond and while the clock is set back by less than
 * ten seconds (§6.2, method 1: the counter starts at a random number below 2,048, and an overflow borrows from the next
 * millisecond). Throws RangeError for a time outside 48 bits.
 */
export function randomId(now: number = Date.now()): string {
  if (!Number.isInteger(now) || now < 0 || now > 0xffff_ffff_ffff) {
    throw new RangeError('a UUIDv7 needs whole milliseconds since 1970 within 48 bits');
  }
  const bytes = randomBytesFromPool(16);
  if (now > lastTime || now < lastTime - HELD_STEP_BACK_MS) {
    lastTime = now;
    counter = bytes.readUInt16BE(6) & 0x07ff;
  } else if (++counter === COUNTER_LIMIT) {
    lastTime += 1;
    counter = bytes.readUInt16BE(6) & 0x07ff;
  }
  bytes.writeUIntBE(lastTime, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Random bytes as base64url without padding; 32 bytes (256 bits) unless told, never fewer than 16. */
export function randomToken(bytes = 32): string {
  if (!Number.isInteger(bytes) || bytes < 16) throw new RangeError('a token needs at least 16 random bytes');
  return randomFillSync(Buffer.alloc(bytes)).toString('base64url');
}

/** One call for 256 ids instead of one for each: the system call is most of an id's cost. */
function randomBytesFromPool(length: number): Buffer {
  if (poolOffset + length > pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const bytes = pool.subarray(poolOffset, poolOffset + length);
  poolOffset += length;
  return bytes;
}
