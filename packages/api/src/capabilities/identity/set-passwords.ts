import { hashPassword, type MacKey } from '@countersign/crypto';
import type { DataSource } from 'typeorm';
import { moveHead, takeHead } from '../../records/authority-head';
import { writeEvent } from '../audit';
import { storeHash } from './store-password';

export interface NewPassword {
  readonly userId: string;
  readonly password: string;
}

/**
 * Gives users new passwords, all of them or none, each with its trace. Tokens of the old passwords end with the commit.
 * Whoever calls has judged the passwords before.
 */
export async function setPasswords(
  { dataSource, macKey }: { readonly dataSource: DataSource; readonly macKey: MacKey },
  passwords: readonly NewPassword[],
  { now, reason }: { readonly now: Date; readonly reason: string },
): Promise<void> {
  const hashed: { readonly userId: string; readonly hash: string }[] = [];
  for (const { userId, password } of passwords) hashed.push({ userId, hash: await hashPassword(password) });
  await dataSource.transaction(async (tx) => {
    // The head comes first, as in every transaction that takes it.
    const head = await takeHead(tx);
    for (const { userId, hash } of hashed) {
      await storeHash(tx, macKey, userId, hash, now);
      await writeEvent(tx, { action: 'SYSTEM', at: now, object: 'User', recordId: userId, reason });
    }
    await moveHead(tx, head, { ...head, peopleEpoch: head.peopleEpoch + 1 });
  });
}
