import type { MacKey } from '@countersign/crypto';
import { type Catalogue, isUuid, objectOf } from '@countersign/schema';
import { imageText, type RecordImage } from '../../database/record-image';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import { rowIsGenuine } from '../../records/row-mac';

export const GRANT = 'BreakGlassGrant';
export const ELIGIBILITY = 'BreakGlassEligibility';

/** A grant as its row says, which only the gateway can have written. */
export interface GrantRow {
  readonly image: RecordImage;
  readonly id: string;
  readonly eligibility: string;
  readonly person: string;
  readonly userId: string;
  readonly role: string;
  readonly sharingGroup: string | null;
  readonly reviewerRole: string;
  readonly status: 'OPEN' | 'ENDED' | 'REVIEWED';
  readonly reason: string;
  readonly opensAt: string;
  readonly endsAt: string;
  readonly endedAt: string | null;
  readonly justified: boolean | null;
  readonly finding: string | null;
}

export interface GrantGround {
  readonly catalogue: Catalogue;
  readonly rowKey: MacKey;
}

/** The grant, locked for this transaction. Throws NOT_FOUND, and INTEGRITY for a row that the gateway did not write. */
export async function lockGrant(tx: Transaction, ground: GrantGround, id: string): Promise<GrantRow> {
  if (!isUuid(id)) throw new Fault('NOT_FOUND');
  const [found] = await rowsWhere(tx, ground, 't.id=$1 for update of t', [id]);
  if (!found) throw new Fault('NOT_FOUND');
  if (!found.genuine) throw new Fault('INTEGRITY', { inside: `grant ${id} was not written by the gateway` });
  return found.grant;
}

/** Grants that meet a condition on `t`, with what follows it; rows that the gateway did not write are left out. */
export async function grantsWhere(
  tx: Transaction,
  ground: GrantGround,
  where: string,
  values: unknown[],
): Promise<GrantRow[]> {
  return (await rowsWhere(tx, ground, where, values)).flatMap(({ grant, genuine }) => (genuine ? [grant] : []));
}

async function rowsWhere(tx: Transaction, { catalogue, rowKey }: GrantGround, where: string, values: unknown[]) {
  const object = objectOf(catalogue, GRANT);
  const rows = await rowsOf<{ image: string; mac: Buffer | null }>(
    tx,
    `select ${imageText(object, 't')} as image, t.mac from ${object.table} t where ${where}`,
    values,
  );
  return rows.map(({ image: text, mac }) => {
    const image = JSON.parse(text) as RecordImage;
    return { grant: { ...(image as object), image } as GrantRow, genuine: rowIsGenuine(rowKey, object, image, mac) };
  });
}

/** What a person may be lent; rows that the gateway did not write name nothing. */
export async function eligibilitiesOf(
  tx: Transaction,
  { catalogue, rowKey }: GrantGround,
  personId: string,
): Promise<RecordImage[]> {
  const object = objectOf(catalogue, ELIGIBILITY);
  const rows = await rowsOf<{ image: string; mac: Buffer | null }>(
    tx,
    `select ${imageText(object, 't')} as image, t.mac from ${object.table} t where t.person_id=$1 order by t.id`,
    [personId],
  );
  return rows.flatMap(({ image: text, mac }) => {
    const image = JSON.parse(text) as RecordImage;
    return rowIsGenuine(rowKey, object, image, mac) ? [image] : [];
  });
}
