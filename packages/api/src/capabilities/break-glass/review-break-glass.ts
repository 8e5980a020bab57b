import type { Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { confirmHead } from '../../records/authority-head';
import type { WriteMeta } from '../../records/change';
import { writeRecords } from '../../records/write-records';
import { updated } from '../approvals';
import { traceContext } from '../audit';
import type { BreakGlassDeps } from './break-glass-deps';
import { GRANT, type GrantRow, lockGrant } from './break-glass-grant';
import { reviewersOf } from './reviewers';
import { announceGrant } from './write-grant';

export interface ReviewAsk {
  readonly id: string;
  readonly justified: boolean;
  readonly finding: string;
}

/**
 * Notes what another person found when they looked at what was done under a grant; only then may its holder have the next
 * one. Throws NOT_FOUND for who has no business with it, FORBIDDEN for the holder and for whom rights are lent to at the
 * moment, CONFLICT while it is open, ALREADY_DECIDED; HeadMoved asks to decide anew.
 */
export async function reviewBreakGlass(
  deps: BreakGlassDeps,
  under: DecidedUnder,
  { id, justified, finding }: ReviewAsk,
  meta: WriteMeta,
): Promise<GrantRow> {
  const { snapshot, principal } = under;
  const { personId, userId } = principal.values;
  if (personId === null) throw new Fault('NOT_FOUND');
  return deps.dataSource.transaction(async (tx: Transaction) => {
    const grant = await lockGrant(tx, { catalogue: snapshot.catalogue, rowKey: deps.macKeys.rows }, id);
    if (grant.person === personId) throw refused('Nobody reviews what was lent to themselves.');
    const reviewers = await reviewersOf(tx, snapshot, deps.macKeys.rows, grant, meta.now);
    if (!reviewers.has(personId)) throw new Fault('NOT_FOUND', { record: { object: GRANT, id } });
    if (principal.lent) throw refused('Nobody decides while rights are lent to them: end your break-glass first.');
    if (grant.status === 'REVIEWED') throw new Fault('ALREADY_DECIDED', { message: 'This was reviewed already.' });
    if (grant.status === 'OPEN') throw new Fault('CONFLICT', { message: 'This has not ended yet.' });
    const image = {
      status: 'REVIEWED',
      reviewedBy: personId,
      reviewedAt: meta.now.toISOString(),
      justified,
      finding,
    } as const;
    const write = updated(snapshot.catalogue, GRANT, grant.image, image, { now: meta.now, userId });
    await writeRecords(tx, [write], traceContext(under, { ...meta, at: meta.now }), deps.macKeys.rows);
    await announceGrant(tx, 'reviewed', grant.id, { now: meta.now, author: personId });
    await confirmHead(tx, under);
    return { ...grant, ...image, image: write.after! } as GrantRow;
  });
}

function refused(message: string): Fault {
  return new Fault('FORBIDDEN', { coordinate: GRANT, action: 'APPROVE', because: 'maker-checker', message });
}
