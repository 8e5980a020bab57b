import type { Transaction } from '../database/sql-runner';
import type { DecidedUnder } from '../path/rooms';
import { HeadMoved } from '../path/under-head';
import { confirmHead } from './authority-head';
import { isConcurrencyFailure } from './explain-failure';

/**
 * The last statement of a look that sees the database as of one moment: nothing is shown by rights that were taken away
 * while the gateway had not heard of it. Throws HeadMoved.
 */
export async function confirmLook(tx: Transaction, under: Pick<DecidedUnder, 'head' | 'principal'>): Promise<void> {
  await confirmHead(tx, under).catch((error: unknown) => {
    // What such a transaction sees of the head is older than the head.
    throw isConcurrencyFailure(error) ? new HeadMoved() : error;
  });
}
