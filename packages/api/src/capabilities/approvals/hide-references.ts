import { memberOf, objectOf } from '@countersign/schema';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import { ScopeStatement } from '../../records/scope-statement';
import type { ShownField, ShownItem } from './shown-items';

const SIDES = ['old', 'proposed', 'current'] as const;

/**
 * Items without the ids of records that are not the reader's to know of: a reference is shown where the record that it
 * names is within what they may read, or is made by the same change set. A field with a reference that is not shows nothing.
 */
export async function hideReferences(
  on: Transaction,
  under: DecidedUnder,
  items: readonly ShownItem[],
): Promise<ShownItem[]> {
  const { catalogue } = under.snapshot;
  const targetOf = (object: string | null, { name, see }: ShownField): string | null => {
    if (object === null || see !== 'CLEAR') return null;
    const member = memberOf(objectOf(catalogue, object), name);
    return member?.kind === 'to-one' ? member.target : null;
  };
  const asked = new Map<string, Set<string>>();
  for (const { object, fields } of items) {
    for (const field of fields) {
      const target = targetOf(object, field);
      if (target === null) continue;
      const ids = asked.get(target) ?? new Set<string>();
      for (const side of SIDES) if (field[side] !== null) ids.add(String(field[side]));
      asked.set(target, ids);
    }
  }
  const known = new Set(items.flatMap(({ action, recordId }) => (action === 'CREATE' && recordId ? [recordId] : [])));
  for (const [target, ids] of asked) for (const id of await inSight(on, under, target, [...ids])) known.add(id);
  return items.map((item) => ({
    ...item,
    fields: item.fields.map((field): ShownField => {
      const hidden = (side: (typeof SIDES)[number]) => field[side] !== null && !known.has(String(field[side]));
      if (targetOf(item.object, field) === null || !SIDES.some(hidden)) return field;
      return { name: field.name, see: 'NONE', old: null, proposed: null, current: null };
    }),
  }));
}

async function inSight(
  on: Transaction,
  under: DecidedUnder,
  object: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const { snapshot, principal, authority } = under;
  const statement = new ScopeStatement(snapshot.catalogue, principal.values);
  const { table } = objectOf(snapshot.catalogue, object);
  const sql = `select t.id::text as id from ${table} t where t.id=any(${statement.ids(ids)})
    and ${statement.scope(object, 't', authority.readScope(object))}`;
  return (await rowsOf<{ id: string }>(on, sql, statement.values)).map(({ id }) => id);
}
