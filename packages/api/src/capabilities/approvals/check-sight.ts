import { type RowScope, scopeOf } from '@countersign/policy';
import { memberOf, objectOf } from '@countersign/schema';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import type { RecordWrite } from '../../records/change';
import { ScopeStatement } from '../../records/scope-statement';
import type { PendingPayload } from './pending-payload';

/**
 * Nobody signs without the right to approve each object that a change touches, nor what they cannot see in the clear.
 * Throws FORBIDDEN, CANNOT_SEE_CHANGE.
 */
export function requireClearSight({ authority: { table }, snapshot }: DecidedUnder, { items }: PendingPayload): void {
  for (const { object } of items) {
    if (!table.readable(object) || !table.may(object, 'approve')) {
      throw new Fault('FORBIDDEN', { coordinate: object, action: 'APPROVE' });
    }
  }
  const hidden = items.some(({ object, given }) =>
    given.some((name) => {
      const member = memberOf(objectOf(snapshot.catalogue, object), name);
      if (!member || table.see(object, name) !== 'clear') return true;
      return member.kind !== 'field' && !table.readable(member.target);
    }),
  );
  if (hidden) throw new Fault('CANNOT_SEE_CHANGE');
}

/** Of these records, as they are in this transaction, the ids of those within what somebody may read. */
export async function visibleOf(
  tx: Transaction,
  { snapshot, principal, authority }: DecidedUnder,
  writes: readonly RecordWrite[],
  readScope: (object: string) => RowScope = authority.readScope,
): Promise<Set<string>> {
  const visible = new Set<string>();
  for (const name of new Set(writes.map(({ change }) => change.object.name))) {
    if (!authority.table.readable(name)) continue;
    const statement = new ScopeStatement(snapshot.catalogue, principal.values);
    const ids = statement.ids(
      writes.filter(({ change }) => change.object.name === name).map(({ change }) => change.id),
    );
    const { table } = objectOf(snapshot.catalogue, name);
    const sql = `select t.id::text as id from ${table} t where t.id=any(${ids}) and ${statement.scope(name, 't', readScope(name))}`;
    for (const { id } of await rowsOf<{ id: string }>(tx, sql, statement.values)) visible.add(id);
  }
  return visible;
}

/**
 * Of what these changes touch, the cells that a cell rule withholds from somebody, judged on the records as they are in
 * this transaction. Each is named by `cellKey`.
 */
export async function withheldCells(
  tx: Transaction,
  { snapshot, principal, authority }: DecidedUnder,
  writes: readonly RecordWrite[],
): Promise<Set<string>> {
  const withheld = new Set<string>();
  for (const name of new Set(writes.map(({ change }) => change.object.name))) {
    const own = writes.map(({ change }) => change).filter(({ object }) => object.name === name);
    for (const [member, condition] of authority.cellRules(name)) {
      const ids = own.filter(({ given }) => given.includes(member)).map(({ id }) => id);
      if (ids.length === 0) continue;
      const statement = new ScopeStatement(snapshot.catalogue, principal.values);
      const { table } = objectOf(snapshot.catalogue, name);
      const sql = `select t.id::text as id from ${table} t
        where t.id=any(${statement.ids(ids)}) and ${statement.scope(name, 't', scopeOf(condition))}`;
      const shown = new Set((await rowsOf<{ id: string }>(tx, sql, statement.values)).map(({ id }) => id));
      for (const id of ids) if (!shown.has(id)) withheld.add(cellKey(id, member));
    }
  }
  return withheld;
}

export const cellKey = (id: string, member: string) => `${id} ${member}`;

/** Whether somebody may read all of these records as they are in this transaction, and every touched cell of them. */
export async function recordsInSight(
  tx: Transaction,
  under: DecidedUnder,
  writes: readonly RecordWrite[],
): Promise<boolean> {
  if ((await visibleOf(tx, under, writes)).size !== writes.length) return false;
  return (await withheldCells(tx, under, writes)).size === 0;
}
