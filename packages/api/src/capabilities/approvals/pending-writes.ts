import { type Catalogue, inputName, memberOf, objectOf } from '@countersign/schema';
import { imageText, type RecordImage } from '../../database/record-image';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import type { Change, GivenChange, RecordWrite } from '../../records/change';
import { recordWrites, sameValue } from '../../records/record-changes';
import type { PendingItem, PendingPayload } from './pending-payload';

/**
 * The change set of a payload as if it were asked for now: its new records keep the ids that they were promised, and
 * refer to one another by name, as they do not exist yet.
 */
export function givenChanges(catalogue: Catalogue, { items }: PendingPayload): GivenChange[] {
  const names = new Map(items.flatMap(({ verb, id }, index) => (verb === 'create' ? [[id, `p${index}`]] : [])));
  return items.map(({ verb, object, id, values, given }, index) => {
    const described = objectOf(catalogue, object);
    const input = given.map((name): [string, unknown] => {
      const member = memberOf(described, name);
      if (!member || member.kind === 'to-many') return [name, values[name]];
      const named = member.kind === 'to-one' ? names.get(String(values[name])) : undefined;
      return [inputName(member), named === undefined ? values[name] : `@${named}`];
    });
    const place = [String(index)];
    if (verb === 'create') return { verb, object, as: names.get(id), input: Object.fromEntries(input), place };
    return { verb, object, id, place, ...(verb === 'update' ? { input: Object.fromEntries(input) } : {}) };
  });
}

/** The id that a new record of a payload was promised. */
export function promisedId({ items }: PendingPayload): (change: GivenChange) => string | undefined {
  return ({ place }) => items[Number(place?.[0])]?.id;
}

/** The records of a payload as they are and as it would make them; null where a record is gone. */
export async function pendingWrites(
  tx: Transaction,
  under: Pick<DecidedUnder, 'snapshot' | 'principal'>,
  { items }: PendingPayload,
  now: Date,
): Promise<readonly RecordWrite[] | null> {
  const { catalogue } = under.snapshot;
  const images = new Map<string, RecordImage>();
  for (const name of new Set(items.map(({ object }) => object))) {
    const object = objectOf(catalogue, name);
    const ids = items.filter((item) => item.object === name && item.verb !== 'create').map(({ id }) => id);
    const rows = await rowsOf<{ image: string }>(
      tx,
      `select ${imageText(object, 't')} as image from ${object.table} t where t.id=any($1::uuid[])`,
      [ids],
    );
    for (const { image } of rows) {
      const parsed = JSON.parse(image) as RecordImage;
      images.set(String(parsed.id), parsed);
    }
  }
  if (items.some(({ verb, id }) => verb !== 'create' && !images.has(id))) return null;
  return recordWrites(
    under,
    items.map((item) => changeOf(catalogue, item)),
    images,
    { requestId: null, now },
  );
}

function changeOf(catalogue: Catalogue, { verb, object, id, values, given }: PendingItem): Change {
  return { verb, object: objectOf(catalogue, object), id, expectedVersion: null, values, given, place: [] };
}

/** One field that is no longer what the maker based the change on. */
export interface Overtaken {
  readonly object: string;
  readonly id: string;
  /** Null: the record itself has changed, and is to be deleted, or is gone. */
  readonly field: string | null;
}

/** Compares field by field: what others changed elsewhere in the record is no conflict. */
export function overtaken({ items }: PendingPayload, images: ReadonlyMap<string, RecordImage | null>): Overtaken[] {
  return items.flatMap(({ verb, object, id, base }): Overtaken[] => {
    if (base === null) return [];
    const now = images.get(id) ?? null;
    if (now === null) return [{ object, id, field: null }];
    if (verb === 'delete') return Number(now.version) === base.version ? [] : [{ object, id, field: null }];
    return Object.entries(base.values)
      .filter(([name, value]) => !sameValue(now[name] ?? null, value))
      .map(([field]) => ({ object, id, field }));
  });
}
