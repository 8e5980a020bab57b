import { type Catalogue, memberOf, objectOf } from '@countersign/schema';
import type { Authority } from '../../path/rooms';

/** The records that hold the rules of fields and objects. */
const RULES = ['FieldPermission', 'ObjectPermission'];

/**
 * The right to see rules in explanations, and to have other users' decisions explained: it is nothing but the right to
 * read the rules themselves. Whoever sees every member of every FieldPermission and ObjectPermission clear, and the
 * names of roles, could look all of it up.
 */
export function maySeeRules(catalogue: Catalogue, authority: Authority): boolean {
  return mayReadWholly(catalogue, authority, RULES);
}

/** The right to see cell rules in explanations: to see the other rules, and every member of every CellRule clear. */
export function maySeeCellRules(catalogue: Catalogue, authority: Authority): boolean {
  return mayReadWholly(catalogue, authority, [...RULES, 'CellRule']);
}

function mayReadWholly(catalogue: Catalogue, authority: Authority, rules: readonly string[]): boolean {
  const { table, readScope, cellRules } = authority;
  const wholly = rules.every((name) => {
    if (!catalogue.objects.has(name) || readScope(name).kind !== 'always' || cellRules(name).size > 0) return false;
    return objectOf(catalogue, name).members.every((member) => table.see(name, member.name) === 'clear');
  });
  const role = catalogue.objects.get('Role');
  const named = role !== undefined && memberOf(role, 'name') !== undefined && table.see('Role', 'name') === 'clear';
  return wholly && named && readScope('Role').kind === 'always' && !cellRules('Role').has('name');
}
