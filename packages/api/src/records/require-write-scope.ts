import { objectOf } from '@countersign/schema';
import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { DecidedUnder } from '../path/rooms';
import type { RecordWrite } from './change';
import { ScopeStatement } from './scope-statement';

/**
 * After the whole set, every record that it created or changed has to be within the write scope: nobody may create what
 * they could not change, or move a record out of their reach. Throws FORBIDDEN, which says nothing more.
 */
export async function requireWriteScope(
  tx: Transaction,
  { snapshot, principal, authority }: DecidedUnder,
  writes: readonly RecordWrite[],
): Promise<void> {
  const idsByObject = new Map<string, string[]>();
  for (const { change, after } of writes) {
    if (!after) continue;
    const ids = idsByObject.get(change.object.name);
    if (ids) ids.push(change.id);
    else idsByObject.set(change.object.name, [change.id]);
  }
  for (const [object, ids] of idsByObject) {
    const scope = authority.writeScope(object);
    if (scope.kind === 'always') continue;
    const statement = new ScopeStatement(snapshot.catalogue, principal.values);
    const { table } = objectOf(snapshot.catalogue, object);
    const sql = `select count(*)::int as n from ${table} t
      where t.id=any(${statement.ids(ids)}) and ${statement.scope(object, 't', scope)}`;
    const [row] = await rowsOf<{ n: number }>(tx, sql, statement.values);
    if (row?.n !== ids.length) throw new Fault('FORBIDDEN', { because: 'write-scope' });
  }
}
