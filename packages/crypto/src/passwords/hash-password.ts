import { randomBytes } from 'node:crypto';
import { hash, type ParsedHashOptions, parseOptions, verify } from '@node-rs/argon2';
import { HashingQueue } from './hashing-queue';
import { normalisePassword } from './normalise-password';

// The package declares its constants as a const enum, which exists only for the compiler.
const ARGON2ID = 2;
const VERSION_0X13 = 1;

/** OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane. RFC 9106 names the algorithm. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;
const SALT_BYTES = 16;

/** A stored hash asking for more is not ours; running it would let whoever writes the table stall the gateway. */
const HIGHEST_COST = { memoryCost: 262_144, timeCost: 10, parallelism: 4 } as const;

/** Longer than any password that `assessPassword` accepts: not worth a hash. In UTF-16 code units. */
const TOO_LONG = 1024;

const queue = new HashingQueue(2, 64);

/** Well-formed, with our cost, and made from no password: checking against it takes the usual time and fails. */
const NOBODYS_HASH = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$${phcBase64(
  SALT_BYTES,
)}$${phcBase64(COST.outputLen)}`;

/**
 * An Argon2id hash in PHC form of the password's NFKC form. Does not judge the password: see `assessPassword`.
 * Throws RangeError above 1,024 UTF-16 code units, HashingBusy when too many wait.
 */
export async function hashPassword(password: string): Promise<string> {
  if (password.length > TOO_LONG) throw new RangeError(`a password has at most ${TOO_LONG} characters`);
  return queue.run(() => hash(normalisePassword(password), { ...COST, algorithm: ARGON2ID as number }));
}

/**
 * True when the hash was made from this password. A malformed or foreign hash is false after the usual time.
 * Throws nothing but HashingBusy, when too many wait; the attempt then was not judged.
 */
export async function verifyPassword(storedHash: string, password: string): Promise<boolean> {
  const usable = isUsable(storedHash) && password.length <= TOO_LONG;
  if (!usable) return dummyVerify(password);
  return verifyQueued(storedHash, password);
}

/**
 * Takes the time of a real check and says no: call it for an unknown user, so that the time does not tell who exists.
 * Throws HashingBusy as a real check does.
 */
export async function dummyVerify(password: string): Promise<false> {
  await verifyQueued(NOBODYS_HASH, password.slice(0, TOO_LONG));
  return false;
}

/** True when the hash should be made again at the next successful sign-in: other algorithm, version or cost. */
export function needsRehash(storedHash: string): boolean {
  const made = parse(storedHash);
  if (made === null) return true;
  return (
    made.algorithm !== (ARGON2ID as number) ||
    made.version !== (VERSION_0X13 as number) ||
    made.memoryCost !== COST.memoryCost ||
    made.timeCost !== COST.timeCost ||
    made.parallelism !== COST.parallelism ||
    made.outputLen !== COST.outputLen ||
    made.saltLen < SALT_BYTES
  );
}

function verifyQueued(storedHash: string, password: string): Promise<boolean> {
  return queue.run(async () => {
    try {
      return await verify(storedHash, normalisePassword(password));
    } catch {
      return false;
    }
  });
}

function isUsable(storedHash: string): boolean {
  const made = parse(storedHash);
  return (
    made !== null &&
    made.algorithm === (ARGON2ID as number) &&
    made.memoryCost <= HIGHEST_COST.memoryCost &&
    made.timeCost <= HIGHEST_COST.timeCost &&
    made.parallelism <= HIGHEST_COST.parallelism
  );
}

function parse(storedHash: string): ParsedHashOptions | null {
  try {
    return parseOptions(storedHash);
  } catch {
    return null;
  }
}

function phcBase64(bytes: number): string {
  return randomBytes(bytes).toString('base64').replace(/=+$/, '');
}
