import { type CatalogueObject, storedMembers } from '@countersign/schema';
import { traceExpressions } from '../capabilities/audit';
import { sqlTypeOf } from '../planner/sql/statement-params';

/*
 * One statement writes many records and their trace. Records travel as their images in one JSON parameter, so that a
 * thousand of them cost one round trip and one plan. `_mac` is not a possible member name.
 */

const insertTexts = new WeakMap<CatalogueObject, string>();

/** Inserts the images in `$1` with the trace in `$2`; answers how many were written. */
export function insertStatement(object: CatalogueObject): string {
  const known = insertTexts.get(object);
  if (known) return known;
  const members = storedMembers(object);
  const columns = [...members.map(({ column }) => column), ...(object.authenticated ? ['mac'] : [])];
  const values = [...members.map(({ name }) => `g."${name}"`), ...(object.authenticated ? [MAC] : [])];
  const text = withTrace(
    `insert into ${object.table} (${columns.join(', ')}) select ${values.join(', ')} from ${given(object)} returning 1`,
  );
  insertTexts.set(object, text);
  return text;
}

/** Sets these members of the records in `$1` to what their images say, with the trace in `$2`. */
export function updateStatement(object: CatalogueObject, changed: readonly string[]): string {
  const sets = storedMembers(object)
    .filter(({ name }) => changed.includes(name))
    .map(({ name, column }) => `${column}=g."${name}"`);
  if (object.authenticated) sets.push(`mac=${MAC}`);
  return withTrace(
    `update ${object.table} t set ${sets.join(', ')} from ${given(object)}
      where t.id=g."id" and t.version=g."version"-1 returning 1`,
  );
}

/** Deletes the records in `$1`, with the trace in `$2`. */
export function deleteStatement(object: CatalogueObject): string {
  return withTrace(`delete from ${object.table} t using ${given(object)} where t.id=g."id" returning 1`);
}

const MAC = `decode(g._mac,'base64')`;

function withTrace(write: string): string {
  return `with written as (${write}), ${traceExpressions('$2')} select count(*)::int as n from written`;
}

/** Types without length or precision: the column has them, and every value was checked against them. */
function given(object: CatalogueObject): string {
  const columns = storedMembers(object).map((member) => `"${member.name}" ${sqlType(member)}`);
  return `json_to_recordset($1::json) as g(${columns.join(', ')}, _mac text)`;
}

function sqlType(member: ReturnType<typeof storedMembers>[number]): string {
  return member.kind === 'to-one' ? 'uuid' : sqlTypeOf(member.type);
}
