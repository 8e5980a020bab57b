import { type Catalogue, memberOf } from '@countersign/schema';
import { RoleGraph } from '../casbin/role-graph';
import type { RightsClass } from '../fields/decision-table';
import { shown } from '../versions/body-shape';
import type { CellRuleDefinition, PolicyBody } from '../versions/policy-body';
import { ConditionInvalid } from './build-condition';
import { ALWAYS_TRUE, all, conditionText, distinct } from './combine';
import type { Condition } from './condition';
import { parseCondition } from './parse-condition';

export type CellPolicy = Pick<PolicyBody, 'roles' | 'cellRules'>;

/** Of one object: which of its members a class sees only where a condition holds. */
export type CellConditions = ReadonlyMap<string, Condition>;

const NONE: CellConditions = new Map();

/**
 * The cell rules that apply to a class of rights, sorted by id: those of its roles, of the roles that these inherit and,
 * for a narrowed token, of its scopes. Lent roles bring theirs along. Roles that the policy does not declare have none.
 */
export function applyingCellRules(policy: CellPolicy, { roles, scopes, lent }: RightsClass): CellRuleDefinition[] {
  if (policy.cellRules.length === 0) return [];
  const graph = new RoleGraph(policy.roles);
  const held = graph.closure(graph.declared([...roles, ...(lent ?? []), ...(scopes ?? [])]));
  return policy.cellRules.filter(({ role }) => held.has(role)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * What a class of rights sees only in some records: object -> member -> condition. THE semantics of cell rules:
 *
 * - A cell is shown where EVERY rule on its field that applies to the class holds (see {@link applyingCellRules}). As
 *   with denials it makes no difference that another role has no rule. So adding a rule, a role or a scope never shows
 *   a cell that was withheld before; removing one may, and `wideningsOf` finds it.
 * - Unknown is withheld.
 * - The conditions are the admin's own: row scopes, field levels and other cell rules have no say inside them.
 * - A withheld cell is NULL and nothing else, wherever it stands: shown, filtered, sorted, counted or summed by. A
 *   withheld to-one relation is a null parent, and from the parent's side the record is none of its children.
 * - Row scopes are the admin's conditions too and read the true values.
 *
 * A member that is not in the map has no rule. Throws ConditionInvalid for a rule that does not fit the catalogue.
 */
export function cellRules(
  catalogue: Catalogue,
  policy: CellPolicy,
  rights: RightsClass,
): (objectName: string) => CellConditions {
  const parts = new Map<string, Map<string, Condition[]>>();
  for (const rule of applyingCellRules(policy, rights)) {
    const ofObject = parts.get(rule.object) ?? new Map<string, Condition[]>();
    parts.set(rule.object, ofObject);
    ofObject.set(rule.field, [...(ofObject.get(rule.field) ?? []), cellCondition(catalogue, rule)]);
  }
  const combined = new Map<string, CellConditions>();
  for (const [object, ofObject] of parts) {
    const conditions = [...ofObject].map(([field, of]) => [field, together(of)] as const);
    // A rule that always holds withholds nothing, so that plans need not ask it.
    combined.set(object, new Map(conditions.filter(([, condition]) => condition !== ALWAYS_TRUE)));
  }
  return (objectName) => combined.get(objectName) ?? NONE;
}

/** Sorted, so that equal rules of different roles give equal conditions. */
function together(conditions: readonly Condition[]): Condition {
  const texts = new Map(conditions.map((condition) => [condition, conditionText(condition)]));
  return all(distinct([...conditions].sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1))));
}

const conditionsByCatalogue = new WeakMap<Catalogue, WeakMap<CellRuleDefinition, Condition>>();

/** The condition of one rule, parsed once per catalogue and definition (both are immutable). Throws ConditionInvalid. */
export function cellCondition(catalogue: Catalogue, rule: CellRuleDefinition): Condition {
  const known = conditionsByCatalogue.get(catalogue) ?? new WeakMap<CellRuleDefinition, Condition>();
  conditionsByCatalogue.set(catalogue, known);
  const condition = known.get(rule) ?? parseRule(catalogue, rule);
  known.set(rule, condition);
  return condition;
}

function parseRule(catalogue: Catalogue, { id, object, field, condition }: CellRuleDefinition): Condition {
  const target = cellRuleTargetProblem(catalogue, object, field);
  if (target !== null) throw new ConditionInvalid([`cell rule ${shown(id)}: ${target}`]);
  try {
    return parseCondition(catalogue, object, condition, { allowPrincipal: true });
  } catch (error) {
    if (!(error instanceof ConditionInvalid)) throw error;
    throw new ConditionInvalid(error.problems.map((problem) => `cell rule ${shown(id)}: ${problem}`));
  }
}

/** Why there can be no cell rule on a member; null where there can be one. */
export function cellRuleTargetProblem(catalogue: Catalogue, objectName: string, field: string): string | null {
  const object = catalogue.objects.get(objectName);
  if (!object) return `${shown(objectName)} is not an object`;
  const member = memberOf(object, field);
  if (!member) return `${objectName} has no field ${shown(field)}`;
  if (field === 'id') return `${objectName}.id is seen wherever the record is: limit the records instead`;
  // Whoever changes a record names its version, and is told when it is another one.
  if (field === 'version') return `${objectName}.version cannot be withheld: every change of the record asks for it`;
  if (member.kind === 'to-many') {
    return `${objectName}.${field} is withheld from its other side, ${member.target}.${member.via}`;
  }
  return null;
}
