import { intersectScopes, scopeOf } from '@countersign/policy';
import { type CatalogueField, memberOf, objectOf } from '@countersign/schema';
import type { Pool } from 'pg';
import type { DecidedUnder } from '../../path/rooms';
import { ScopeStatement } from '../../records/scope-statement';

/**
 * Finds records by what one text field of theirs holds, within what the caller may read: ids by text. A field that they
 * do not see clear finds nothing, or its values could be guessed through it; and no cell is found that a cell
 * rule withholds.
 */
export async function findExisting(
  pool: Pool,
  { snapshot, principal, authority }: DecidedUnder,
  objectName: string,
  fieldName: string,
  texts: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const object = objectOf(snapshot.catalogue, objectName);
  const field = memberOf(object, fieldName);
  if (texts.length === 0 || field?.kind !== 'field') return new Map();
  if (!authority.table.readable(objectName) || authority.table.see(objectName, fieldName) !== 'clear') return new Map();
  const statement = new ScopeStatement(snapshot.catalogue, principal.values);
  const rule = authority.cellRules(objectName).get(fieldName);
  const readable = authority.readScope(objectName);
  const scope = statement.scope(objectName, 't', rule ? intersectScopes(readable, scopeOf(rule)) : readable);
  const values = statement.values;
  const { column }: CatalogueField = field;
  const { rows } = await pool.query<{ id: string; text: string }>(
    `select t.id, t.${column} as text from ${object.table} t where t.${column} = any($${values.length + 1}::text[]) and ${scope}`,
    [...values, [...new Set(texts)]],
  );
  const found = new Map<string, string[]>();
  for (const { id, text } of rows) found.set(text, [...(found.get(text) ?? []), id]);
  return found;
}
