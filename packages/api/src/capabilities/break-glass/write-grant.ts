import type { Transaction } from '../../database/sql-runner';
import type { Head } from '../../path/rooms';
import { moveHead } from '../../records/authority-head';
import type { RecordWrite } from '../../records/change';
import { writeRecords } from '../../records/write-records';
import type { TraceContext } from '../audit';
import { announce } from '../notifications';
import type { BreakGlassDeps } from './break-glass-deps';

export type GrantEvent = 'opened' | 'closed' | 'expired' | 'reviewed';

/** Tells the people who review grants, and who took this one, in the transaction in which it happens. */
export function announceGrant(
  tx: Transaction,
  event: GrantEvent,
  subject: string,
  { now, author }: { readonly now: Date; readonly author: string | null },
): Promise<void> {
  return announce(tx, { event: `break-glass.${event}`, subject, author }, now);
}

/**
 * Writes that a grant opened or ended, with its trace, announces it and makes it count: the people epoch rises, so that
 * the next statement of every replica is decided anew. The head is locked.
 */
export async function writeGrant(
  tx: Transaction,
  { macKeys }: Pick<BreakGlassDeps, 'macKeys'>,
  head: Head,
  write: RecordWrite,
  trace: TraceContext,
  event: GrantEvent,
): Promise<void> {
  await writeRecords(tx, [write], trace, macKeys.rows);
  await announceGrant(tx, event, write.change.id, { now: trace.at, author: trace.personId });
  await moveHead(tx, head, { ...head, peopleEpoch: head.peopleEpoch + 1 });
}
