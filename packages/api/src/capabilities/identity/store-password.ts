import { canonicalJson, hashPassword, type MacKey } from '@countersign/crypto';

/** Anything that runs a statement: a pool, or a transaction. */
export interface Statements {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** What the MAC of a credential covers: a hash that somebody copies to another user does not let them in. */
export function credentialMacText(userId: string, passwordHash: string): string {
  return canonicalJson(['user_credential', userId, passwordHash]);
}

/**
 * Sets a user's password. Whoever calls has judged it before and raises the people epoch in the same transaction, so
 * that tokens of the old password end.
 */
export async function storePassword(
  db: Statements,
  macKey: MacKey,
  userId: string,
  password: string,
  now: Date,
): Promise<void> {
  await storeHash(db, macKey, userId, await hashPassword(password), now);
}

/**
 * The same for a password that was hashed before. A transaction that holds the head has to take this one: hashing takes
 * long and waits in a queue that strangers can fill, and meanwhile nobody's changes would be committed.
 */
export async function storeHash(
  db: Statements,
  macKey: MacKey,
  userId: string,
  hash: string,
  now: Date,
): Promise<void> {
  await db.query(
    `insert into user_credential (user_id, password_hash, mac, changed_at) values ($1, $2, $3, $4)
     on conflict (user_id) do update set password_hash = $2, mac = $3, changed_at = $4`,
    [userId, hash, macKey.mac(credentialMacText(userId, hash)), now.toISOString()],
  );
}
