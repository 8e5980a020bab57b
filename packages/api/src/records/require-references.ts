import { objectOf } from '@countersign/schema';
import { rowsOf, type Transaction } from '../database/sql-runner';
import type { DecidedUnder } from '../path/rooms';
import type { Reference, UserError } from './change';
import { ScopeStatement } from './scope-statement';

/**
 * The references that lead nowhere for this caller. A record that they may not read is as good as missing: the answer is
 * the same, and a reference to it is refused.
 */
export async function missingReferences(
  tx: Transaction,
  { snapshot, principal, authority }: DecidedUnder,
  references: readonly Reference[],
): Promise<UserError[]> {
  if (references.length === 0) return [];
  const statement = new ScopeStatement(snapshot.catalogue, principal.values);
  const selects = [...new Set(references.map(({ target }) => target))]
    .filter((target) => authority.table.readable(target))
    .map((target) => {
      const ids = new Set(references.filter((reference) => reference.target === target).map(({ id }) => id));
      const placeholder = statement.ids([...ids]);
      const scope = statement.scope(target, 't', authority.readScope(target));
      const { table } = objectOf(snapshot.catalogue, target);
      return `select '${target}' as target, t.id from ${table} t where t.id=any(${placeholder}) and ${scope}`;
    });
  const rows =
    selects.length > 0
      ? await rowsOf<{ target: string; id: string }>(tx, selects.join('\nunion all\n'), statement.values)
      : [];
  const found = new Set(rows.map(({ target, id }) => `${target} ${id}`));
  return references
    .filter(({ target, id }) => !found.has(`${target} ${id}`))
    .map(({ place }) => ({ code: 'NOT_FOUND', field: place, message: 'There is no such record.' }));
}
