import type { Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { lockHead } from '../../records/authority-head';
import type { WriteMeta } from '../../records/change';
import { updated } from '../approvals';
import { traceContext } from '../audit';
import type { BreakGlassDeps } from './break-glass-deps';
import { GRANT, type GrantRow, lockGrant } from './break-glass-grant';
import { reviewersOf } from './reviewers';
import { writeGrant } from './write-grant';

/**
 * Ends a grant at once, on every replica: by the person who took it, or by whoever may review it. Throws NOT_FOUND for
 * anybody else, ALREADY_DECIDED when it has ended; HeadMoved asks to decide anew.
 */
export async function closeBreakGlass(
  deps: BreakGlassDeps,
  under: DecidedUnder,
  id: string,
  meta: WriteMeta,
): Promise<GrantRow> {
  const { snapshot, head } = under;
  const { personId, userId } = under.principal.values;
  if (personId === null) throw new Fault('NOT_FOUND');
  return deps.dataSource.transaction(async (tx: Transaction) => {
    await lockHead(tx, head);
    const grant = await lockGrant(tx, { catalogue: snapshot.catalogue, rowKey: deps.macKeys.rows }, id);
    const reviewers = await reviewersOf(tx, snapshot, deps.macKeys.rows, grant, meta.now);
    if (grant.person !== personId && !reviewers.has(personId))
      throw new Fault('NOT_FOUND', { record: { object: GRANT, id } });
    if (grant.status !== 'OPEN') throw new Fault('ALREADY_DECIDED', { message: 'This has ended already.' });
    const image = endedAt(grant, meta.now, personId);
    const write = updated(snapshot.catalogue, GRANT, grant.image, image, { now: meta.now, userId });
    await writeGrant(tx, deps, head, write, traceContext(under, { ...meta, at: meta.now }), 'closed');
    return { ...grant, ...image, image: write.after! } as GrantRow;
  });
}

/** How a grant has ended: by somebody, or at its time if that is out already. */
export function endedAt({ endsAt }: Pick<GrantRow, 'endsAt'>, now: Date, person: string | null) {
  const instant = now.toISOString();
  const timeIsOut = endsAt <= instant;
  return { status: 'ENDED', endedAt: timeIsOut ? endsAt : instant, endedBy: timeIsOut ? null : person } as const;
}
