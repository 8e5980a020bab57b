import { type Condition, scopeOf } from '@countersign/policy';
import { type CatalogueObject, objectOf } from '@countersign/schema';
import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { Authority, DecidedUnder } from '../path/rooms';
import type { Change } from './change';
import { checkedTogether } from './object-checks';
import { ScopeStatement } from './scope-statement';

/**
 * Whoever sees a field only in some records changes it only there: each cell rule on what a change sets has to hold on the
 * record before the change set and after it. The same goes for what the record's checks compare it with, or else whoever
 * tries dates would be told on which side of a withheld one they lie. Throws FIELD_FORBIDDEN.
 *
 * INVARIANT: it is judged by what the change sets, never by which values differ, and before anything else that depends on
 * the record's values is answered. So two databases that differ in withheld values only give the same answer.
 */
export async function requireCells(
  tx: Transaction,
  { snapshot, principal, authority }: DecidedUnder,
  changes: readonly Change[],
  when: 'before' | 'after',
): Promise<void> {
  for (const { object, member, condition, ids } of cellsToKeep(authority, changes, when)) {
    const statement = new ScopeStatement(snapshot.catalogue, principal.values);
    const { table } = objectOf(snapshot.catalogue, object.name);
    const sql = `select count(*)::int as n from ${table} t
      where t.id=any(${statement.ids(ids)}) and ${statement.scope(object.name, 't', scopeOf(condition))}`;
    const [row] = await rowsOf<{ n: number }>(tx, sql, statement.values);
    if (row?.n !== ids.length) throw cellForbidden(object.name, member);
  }
}

/** The refusal of a change to a field that a cell rule withholds. */
export function cellForbidden(object: string, member: string): Fault {
  return new Fault('FIELD_FORBIDDEN', { coordinate: `${object}.${member}`, action: 'CHANGE', because: 'cell-rule' });
}

/**
 * Whether a member must not be set at all by those whom a cell rule limits: where it is unique together with a member
 * under a rule, trying values would tell which ones the withheld cells of other records hold.
 */
export function wouldGuess({ cellRules }: Pick<Authority, 'cellRules'>, object: CatalogueObject, member: string) {
  const rules = cellRules(object.name);
  if (rules.size === 0) return false;
  return object.uniques.some((unique) => unique.includes(member) && unique.some((name) => rules.has(name)));
}

interface KeptCell {
  readonly object: CatalogueObject;
  /** What the caller sets. */
  readonly member: string;
  readonly condition: Condition;
  readonly ids: string[];
}

function cellsToKeep({ cellRules }: Authority, changes: readonly Change[], when: 'before' | 'after'): KeptCell[] {
  const kept = new Map<string, KeptCell>();
  for (const { verb, object, id, given } of changes) {
    const rules = cellRules(object.name);
    if (rules.size === 0 || verb === 'delete' || (verb === 'create' && when === 'before')) continue;
    for (const member of given) {
      // What a create leaves out has its default, which everybody knows.
      const involved = checkedTogether(object.name, member).filter((name) => verb === 'update' || given.includes(name));
      for (const name of involved) {
        const condition = rules.get(name);
        if (!condition) continue;
        const key = `${object.name} ${member} ${name}`;
        const known = kept.get(key);
        if (known) known.ids.push(id);
        else kept.set(key, { object, member, condition, ids: [id] });
      }
    }
  }
  return [...kept.values()];
}
