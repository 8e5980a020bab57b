import type { Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { confirmHead } from '../../records/authority-head';
import type { WriteMeta } from '../../records/change';
import { writeRecords } from '../../records/write-records';
import { traceContext } from '../audit';
import { announceChange } from './announce-change';
import type { QueueDeps } from './approvals-deps';
import { lookAtChange } from './look-at-change';
import { created, findPending, type PendingChangeRow, updated } from './pending-change';

const OPEN: ReadonlySet<PendingChangeRow['status']> = new Set(['PENDING', 'APPROVED', 'CONFLICTED']);

/** Takes back a change of one's own that was not applied yet. Throws NOT_FOUND, ALREADY_DECIDED; HeadMoved. */
export async function withdrawChange(
  deps: QueueDeps,
  under: DecidedUnder,
  { id, reason }: { readonly id: string; readonly reason: string | null },
  meta: WriteMeta,
): Promise<void> {
  await deps.dataSource.transaction(async (tx: Transaction) => {
    const pending = await findPending(tx, groundFor(deps, under), id, 'lock');
    const { personId, userId, clientId } = under.principal.values;
    const own =
      personId === null ? clientId !== null && pending?.makerClient === clientId : pending?.maker === personId;
    if (!pending || !own) throw new Fault('NOT_FOUND');
    if (!OPEN.has(pending.status)) throw new Fault('ALREADY_DECIDED');
    const image = { status: 'WITHDRAWN', level: null, levelSince: null, expiresAt: null, outcome: reason };
    const by = { now: meta.now, userId: userId ?? clientId };
    const change = updated(under.snapshot.catalogue, 'PendingChange', pending.image, image, by);
    await writeRecords(tx, [change], traceContext(under, { ...meta, at: meta.now }), deps.macKeys.rows);
    const { revision, level } = pending;
    await announceChange(tx, 'withdrawn', { id, revision, level }, { now: meta.now, author: personId });
    await confirmHead(tx, under);
  });
}

/** Says something about a pending change without deciding. Throws NOT_FOUND, FORBIDDEN; HeadMoved. */
export async function commentOnChange(
  deps: QueueDeps,
  under: DecidedUnder,
  { id, comment }: { readonly id: string; readonly comment: string },
  meta: WriteMeta,
): Promise<void> {
  const { personId: person, userId } = under.principal.values;
  if (person === null || userId === null) throw new Fault('FORBIDDEN');
  await deps.dataSource.transaction(async (tx: Transaction) => {
    const { pending } = await lookAtChange(tx, deps, under, id, meta);
    const image = {
      pendingChange: id,
      revision: pending.revision,
      kind: 'COMMENT',
      level: null,
      person,
      userId,
      onBehalfOf: null,
      comment,
      digest: null,
    };
    const entry = created(under.snapshot.catalogue, 'ApprovalDecision', image, { now: meta.now, userId });
    await writeRecords(tx, [entry], traceContext(under, { ...meta, at: meta.now }), deps.macKeys.rows);
    await announceChange(tx, 'commented', { id, revision: pending.revision }, { now: meta.now, author: person });
    await confirmHead(tx, under);
  });
}

function groundFor({ macKeys }: QueueDeps, { snapshot }: DecidedUnder) {
  return { catalogue: snapshot.catalogue, rowKey: macKeys.rows };
}
