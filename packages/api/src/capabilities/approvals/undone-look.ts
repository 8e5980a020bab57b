import type { DataSource } from 'typeorm';
import type { Transaction } from '../../database/sql-runner';

/** Ends the transaction of a look: whatever was written for it is undone. */
class Looked extends Error {
  constructor(readonly value: unknown) {
    super('seen');
  }
}

/** Runs a look in a transaction that never lasts, whatever is written in it. */
export async function undoneLook<T>(dataSource: DataSource, look: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await dataSource.transaction(async (tx: Transaction) => {
      throw new Looked(await look(tx));
    });
  } catch (error) {
    if (error instanceof Looked) return error.value as T;
    throw error;
  }
}
