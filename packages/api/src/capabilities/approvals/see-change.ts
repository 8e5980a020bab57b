import type { DecidedUnder } from '../../path/rooms';
import { confirmHead } from '../../records/authority-head';
import type { WriteMeta } from '../../records/change';
import { traceContext } from '../audit';
import type { QueueDeps } from './approvals-deps';
import { cellKey, visibleOf, withheldCells } from './check-sight';
import { lookAtChange } from './look-at-change';
import type { DecisionRow, PendingChangeRow } from './pending-change';
import { type PendingPayload, payloadDigest } from './pending-payload';
import { rehearse } from './rehearse';
import type { Review } from './review-change';
import { type ShownItem, shownItems } from './shown-items';
import { undoneLook } from './undone-look';

/** A pending change as one person may see it. */
export interface SeenChange {
  readonly pending: PendingChangeRow;
  readonly digest: string;
  readonly items: readonly ShownItem[];
  readonly review: Review;
  readonly decisions: readonly DecisionRow[];
}

/**
 * A pending change with old, proposed and current values, each by the field rights and the row scope of who looks; what
 * the set would make is written for the look and undone. Throws NOT_FOUND for a change that they have no business with;
 * HeadMoved asks to decide anew.
 */
export async function seeChange(
  deps: QueueDeps,
  under: DecidedUnder,
  id: string,
  meta: WriteMeta,
): Promise<SeenChange> {
  return undoneLook(deps.dataSource, async (tx) => {
    const { pending, payload, decisions, writes, review } = await lookAtChange(tx, deps, under, id, meta);
    const present = writes.filter((write) => write.before !== null);
    const before = await visibleOf(tx, under, present);
    const withheld = await withheldCells(tx, under, present);
    const trace = traceContext(under, { ...meta, at: meta.now });
    const rehearsed = await rehearse(tx, deps, writes, trace, async () => {
      for (const cell of await withheldCells(tx, under, writes)) withheld.add(cell);
      return visibleOf(tx, under, writes);
    });
    const isMaker = pending.maker !== null && pending.maker === under.principal.values.personId;
    const after = rehearsed.kind === 'done' ? rehearsed.value : new Set<string>();
    const images = new Map(writes.map((write) => [write.change.id, write.before]));
    const mayShow = ({ verb, id: record }: PendingPayload['items'][number]) =>
      verb === 'create' ? isMaker || after.has(record) : before.has(record);
    // What nobody can tell, as it could not be tried out, is not shown.
    const mayShowCell = (record: string, member: string, object: string) =>
      !withheld.has(cellKey(record, member)) &&
      (rehearsed.kind === 'done' || !under.authority.cellRules(object).has(member));
    const items = shownItems(under, payload.items, images, mayShow, mayShowCell);
    const digest = payloadDigest(deps.payloadKeys, id, pending.revision, payload);
    await confirmHead(tx, under);
    return { pending, digest, items, review, decisions };
  });
}
