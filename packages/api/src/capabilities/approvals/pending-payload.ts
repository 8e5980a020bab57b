import type { MacKey, ValueSealer } from '@countersign/crypto';
import { canonicalJson, SealBroken } from '@countersign/crypto';
import type { ApprovalRule } from '@countersign/policy';
import type { GenericVerb } from '@countersign/schema';
import type { ImageValue } from '../../database/record-image';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';

/** One change of a pending set, its values in the one text form, with what it was based on. */
export interface PendingItem {
  readonly verb: GenericVerb;
  readonly object: string;
  readonly id: string;
  readonly values: Readonly<Record<string, ImageValue>>;
  readonly given: readonly string[];
  /** The version and the touched values that the maker found; null for a create. */
  readonly base: { readonly version: number; readonly values: Readonly<Record<string, ImageValue>> } | null;
}

/** Everything that a signature is about. */
export interface PendingPayload {
  readonly items: readonly PendingItem[];
  /** What narrowed the maker's token; their right to the change is never more than it was. */
  readonly scopes: readonly string[] | null;
  /** The break-glass grant under which it was asked for; its rights count when it is applied if they still do then. */
  readonly grant?: string;
  /** The rules that held it, as they were: what they demanded is never dropped. */
  readonly rules: readonly ApprovalRule[];
  /** Persons whom the paths of these rules led to when it was asked for, by the id of the level. */
  readonly ends?: Readonly<Record<string, readonly string[]>>;
  /** ISO 8601; null: at once. */
  readonly effectiveAt: string | null;
  /** When it was asked for: since then the first level waits. ISO 8601. */
  readonly askedAt?: string;
}

export interface PayloadKeys {
  readonly sealer: ValueSealer;
  readonly digest: MacKey;
}

const place = (id: string, revision: number) => {
  return { store: `pending:${id}`, object: 'PendingChange', field: 'payload', record: String(revision) };
};

/** Stores what is proposed, sealed: the queue holds values of any field, and is no place to read them past their rules. */
export async function storePayload(
  tx: Transaction,
  { sealer }: PayloadKeys,
  id: string,
  revision: number,
  payload: PendingPayload,
): Promise<void> {
  await tx.query('insert into pending_payload (pending_change_id, revision, sealed) values ($1,$2,$3)', [
    id,
    revision,
    sealer.seal(canonicalJson(payload), place(id, revision)),
  ]);
}

/** Throws INTEGRITY when the payload is missing or not the one that was stored for this change and revision. */
export async function openPayload(
  tx: Transaction,
  { sealer }: PayloadKeys,
  id: string,
  revision: number,
): Promise<PendingPayload> {
  const [row] = await rowsOf<{ sealed: Buffer }>(
    tx,
    'select sealed from pending_payload where pending_change_id=$1 and revision=$2',
    [id, revision],
  );
  if (!row) throw new Fault('INTEGRITY', { inside: `pending change ${id} has no payload` });
  try {
    return JSON.parse(sealer.open(row.sealed, place(id, revision)).toString('utf8')) as PendingPayload;
  } catch (error) {
    if (error instanceof SealBroken) throw new Fault('INTEGRITY', { inside: error });
    throw error;
  }
}

/**
 * What a signature names: an HMAC over the changes, the values they are based on, the rules that ask for it and the
 * day, of one revision of one pending change. Base64url.
 */
export function payloadDigest({ digest }: PayloadKeys, id: string, revision: number, payload: PendingPayload): string {
  return digest.mac(digestText(id, revision, payload)).toString('base64url');
}

/** True when a digest names exactly this, under any version of the key. */
export function namesPayload(
  { digest }: PayloadKeys,
  id: string,
  revision: number,
  payload: PendingPayload,
  named: string | null,
): boolean {
  return named !== null && digest.verify(digestText(id, revision, payload), Buffer.from(named, 'base64url'));
}

function digestText(id: string, revision: number, payload: PendingPayload): string {
  return canonicalJson(['pending-change', id, revision, payload]);
}
