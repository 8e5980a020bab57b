import { readFile, rename, writeFile } from 'node:fs/promises';
import { randomToken } from '@countersign/crypto';

/** The passwords of the roles of one embedded server, by role. */
export interface Passwords {
  /** The bootstrap superuser: makes roles and databases, and nothing else uses it. */
  readonly countersign_admin: string;
  /** Owns the schema; migrations only. */
  readonly countersign_owner: string;
  /** The role that serves requests; owns nothing. */
  readonly countersign_gateway: string;
  /** Owns the key ledger's database. */
  readonly countersign_keys: string;
}

const ROLES = ['countersign_admin', 'countersign_owner', 'countersign_gateway', 'countersign_keys'] as const;

/** Reads the passwords of a cluster, or makes them when there are none. Only their owner can read the file. */
export async function readOrMakePasswords(file: string): Promise<Passwords> {
  const known = await readPasswords(file);
  if (known) return known;
  const made = Object.fromEntries(ROLES.map((role) => [role, randomToken(24)]));
  await writeFile(`${file}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return made as unknown as Passwords;
}

/** Undefined when there are none. Throws when the file cannot be read or lacks one. */
async function readPasswords(file: string): Promise<Passwords | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const found = JSON.parse(text) as Record<string, unknown>;
  const missing = ROLES.filter((role) => typeof found[role] !== 'string');
  if (missing.length > 0) throw new Error(`${file} lacks the password of ${missing.join(', ')}`);
  return found as unknown as Passwords;
}
