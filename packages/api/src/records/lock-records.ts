import type { MacKey } from '@countersign/crypto';
import type { CatalogueObject } from '@countersign/schema';
import { imageText, type RecordImage } from '../database/record-image';
import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { DecidedUnder } from '../path/rooms';
import type { Change } from './change';
import { rowIsGenuine } from './row-mac';
import { ScopeStatement } from './scope-statement';

/**
 * Locks the records that a set updates or deletes and gives their images by id. Everybody locks in the same order, by
 * object and id, so that two sets over the same records wait for one another instead of blocking each other.
 *
 * Throws NOT_FOUND for a record that is missing and for one outside the write scope alike, CONFLICT for a version that
 * is not the expected one, and INTEGRITY for an authenticated record that the gateway did not write: changing it would
 * give it the MAC that it lacks.
 */
export async function lockRecords(
  tx: Transaction,
  under: DecidedUnder,
  rowMacKey: MacKey,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, RecordImage>> {
  const existing = changes.filter(({ verb }) => verb !== 'create');
  const images = new Map<string, RecordImage>();
  for (const object of objectsOf(existing)) {
    const own = existing.filter((change) => change.object === object);
    for (const [id, image] of await lockOf(tx, under, rowMacKey, object, own)) images.set(id, image);
  }
  for (const { id, object } of existing) {
    if (!images.has(id)) throw new Fault('NOT_FOUND', { record: { object: object.name, id } });
  }
  for (const { id, expectedVersion } of existing) {
    if (expectedVersion !== null && images.get(id)!.version !== expectedVersion) throw new Fault('CONFLICT');
  }
  return images;
}

async function lockOf(
  tx: Transaction,
  { snapshot, principal, authority }: DecidedUnder,
  rowMacKey: MacKey,
  object: CatalogueObject,
  changes: readonly Change[],
): Promise<[string, RecordImage][]> {
  const statement = new ScopeStatement(snapshot.catalogue, principal.values);
  const ids = statement.ids(changes.map(({ id }) => id));
  const scope = statement.scope(object.name, 't', authority.writeScope(object.name));
  // Only a deletion has to keep others from referring to the record meanwhile.
  const lock = changes.some(({ verb }) => verb === 'delete') ? 'for update' : 'for no key update';
  const rows = await rowsOf<{ image: string; mac?: Buffer | null }>(
    tx,
    `select ${imageText(object, 't')} as image${object.authenticated ? ', t.mac' : ''} from ${object.table} t
      where t.id=any(${ids}) and ${scope} order by t.id ${lock} of t`,
    statement.values,
  );
  const updated = new Set(changes.filter(({ verb }) => verb === 'update').map(({ id }) => id));
  return rows.map(({ image, mac }) => {
    const parsed = JSON.parse(image) as RecordImage;
    const id = String(parsed.id);
    if (object.authenticated && updated.has(id) && !rowIsGenuine(rowMacKey, object, parsed, mac ?? null)) {
      throw new Fault('INTEGRITY', { inside: `${object.name} ${id} was not written by the gateway` });
    }
    return [id, parsed];
  });
}

function objectsOf(changes: readonly Change[]): CatalogueObject[] {
  return [...new Set(changes.map(({ object }) => object))].sort((a, b) => (a.name < b.name ? -1 : 1));
}
