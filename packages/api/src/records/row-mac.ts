import { canonicalJson, type MacKey } from '@countersign/crypto';
import { type CatalogueObject, storedMembers } from '@countersign/schema';
import type { RecordImage } from '../database/record-image';

/**
 * The MAC of a row that grants something: who holds which role, who is in which group, what a user is. The key is outside
 * the database, so a row that somebody put there by hand grants nothing.
 */
export function rowMac(key: MacKey, object: CatalogueObject, image: RecordImage): Buffer {
  return key.mac(macText(object, image));
}

/** True when the row is what the gateway wrote. */
export function rowIsGenuine(
  key: MacKey,
  object: CatalogueObject,
  image: RecordImage,
  mac: Uint8Array | null,
): boolean {
  return mac !== null && key.verify(macText(object, image), mac);
}

function macText(object: CatalogueObject, image: RecordImage): string {
  return canonicalJson([
    object.name,
    Object.fromEntries(storedMembers(object).map(({ name }) => [name, image[name] ?? null])),
  ]);
}
