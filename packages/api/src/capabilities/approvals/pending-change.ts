import type { MacKey } from '@countersign/crypto';
import { randomId } from '@countersign/crypto';
import { type Catalogue, objectOf } from '@countersign/schema';
import { imageText, type RecordImage } from '../../database/record-image';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { RecordWrite } from '../../records/change';
import { rowIsGenuine } from '../../records/row-mac';

export type PendingStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'WITHDRAWN' | 'EXPIRED' | 'CONFLICTED' | 'APPLIED';

/** A pending change as its row says, which only the gateway can have written. */
export interface PendingChangeRow {
  readonly image: RecordImage;
  readonly id: string;
  readonly status: PendingStatus;
  readonly revision: number;
  readonly maker: string | null;
  readonly makerUser: string | null;
  readonly makerClient: string | null;
  readonly level: number | null;
  readonly levelSince: string | null;
  readonly effectiveAt: string | null;
  /** When the level that waits is given up, unless it was met; null: never. */
  readonly expiresAt: string | null;
}

/** A decision about one revision of a pending change. */
export interface DecisionRow {
  readonly id: string;
  readonly revision: number;
  readonly kind: 'APPROVE' | 'REJECT' | 'COMMENT';
  readonly level: number | null;
  readonly person: string;
  readonly userId: string;
  readonly onBehalfOf: string | null;
  readonly comment: string | null;
  readonly digest: string | null;
  readonly createdAt: string;
}

interface Ground {
  readonly catalogue: Catalogue;
  readonly rowKey: MacKey;
}

/** The pending change, locked for this transaction when asked to. Null when there is none. Throws INTEGRITY. */
export async function findPending(
  tx: Transaction,
  { catalogue, rowKey }: Ground,
  id: string,
  lock: 'lock' | 'look',
): Promise<PendingChangeRow | null> {
  const object = objectOf(catalogue, 'PendingChange');
  const [row] = await rowsOf<{ image: string; mac: Buffer | null }>(
    tx,
    `select ${imageText(object, 't')} as image, t.mac from pending_change t where t.id=$1 ${lock === 'lock' ? 'for update of t' : ''}`,
    [id],
  );
  if (!row) return null;
  const image = JSON.parse(row.image) as RecordImage;
  if (!rowIsGenuine(rowKey, object, image, row.mac)) {
    throw new Fault('INTEGRITY', { inside: `pending change ${id} was not written by the gateway` });
  }
  return { ...(image as object), image } as PendingChangeRow;
}

/** All decisions about a pending change, oldest first. Throws INTEGRITY when one of them was not written by the gateway. */
export async function decisionsAbout(
  tx: Transaction,
  { catalogue, rowKey }: Ground,
  id: string,
): Promise<DecisionRow[]> {
  const object = objectOf(catalogue, 'ApprovalDecision');
  const rows = await rowsOf<{ image: string; mac: Buffer | null }>(
    tx,
    `select ${imageText(object, 't')} as image, t.mac from approval_decision t
      where t.pending_change_id=$1 order by t.created_at, t.id`,
    [id],
  );
  return rows.map(({ image: text, mac }) => {
    const image = JSON.parse(text) as RecordImage;
    if (!rowIsGenuine(rowKey, object, image, mac)) {
      throw new Fault('INTEGRITY', { inside: `a decision about ${id} was not written by the gateway` });
    }
    return image as unknown as DecisionRow;
  });
}

/** A new record of one of the queue's own objects, as the statements of records write it with its trace. */
export function created(
  catalogue: Catalogue,
  objectName: string,
  values: RecordImage,
  { now, userId, id }: { readonly now: Date; readonly userId: string | null; readonly id?: string },
): RecordWrite {
  const at = now.toISOString();
  const common = { version: 1, createdAt: at, updatedAt: at, createdBy: userId, updatedBy: userId };
  const after = { id: id ?? randomId(now.getTime()), ...common, ...values };
  return { change: changeOf(catalogue, objectName, 'create', after.id), before: null, after };
}

/** The queue's own record with other values. */
export function updated(
  catalogue: Catalogue,
  objectName: string,
  before: RecordImage,
  values: RecordImage,
  { now, userId }: { readonly now: Date; readonly userId: string | null },
): RecordWrite {
  const common = { version: Number(before.version) + 1, updatedAt: now.toISOString(), updatedBy: userId };
  const change = changeOf(catalogue, objectName, 'update', String(before.id));
  return { change, before, after: { ...before, ...values, ...common } };
}

function changeOf(catalogue: Catalogue, name: string, verb: 'create' | 'update', id: string): RecordWrite['change'] {
  return { verb, object: objectOf(catalogue, name), id, expectedVersion: null, values: {}, given: [], place: [] };
}
