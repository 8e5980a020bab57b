import { type Catalogue, memberOf } from '@countersign/schema';
import { type CellDecision, createCellEnforcer, type PolicyGround } from '../casbin/cell-enforcer';
import { LineBook } from '../casbin/line-book';
import { RoleGraph } from '../casbin/role-graph';
import { wildcardReach } from '../casbin/wildcard-reach';
import { ClassTables, declaredSets } from '../fields/class-tables';
import type { DecisionTable, FieldOracle, RightsClass } from '../fields/decision-table';
import { isLendable } from '../fields/lendable';
import { FIELD_ACTIONS, OBJECT_ACTIONS, OBJECT_FIELD, type PermissionAction } from '../fields/levels';
import { hasMaskedForm, isChangeable } from '../fields/settle-levels';
import { canonicalBody } from './canonical-body';
import { type ConditionCheck, checkPolicyBody } from './check-body';
import { type PolicyBody, PolicyInvalid } from './policy-body';

/** Casbin's verdict on one cell, and who brought it about. */
export interface CellVerdict extends CellDecision {
  /** `scopes`: the roles allow it, and the scopes of the narrowed token do not. */
  readonly decidedBy: 'roles' | 'scopes';
}

/** One policy version, ready to decide. Immutable; making tables is async, asking them is not. */
export interface CompiledPolicy {
  readonly catalogue: Catalogue;
  /** The canonical, frozen body. */
  readonly body: PolicyBody;
  /**
   * Casbin's answers for a class of rights; see {@link DecisionTable}. Remembered for the classes used last. Roles and
   * scopes that the policy does not declare grant nothing. A scope is a role like any other, named by the token: what
   * the token may do is what its roles and its scopes both allow.
   */
  tableFor(rights: RightsClass): Promise<DecisionTable>;
  /**
   * Casbin as it is meant to be used, with every line and role in one enforcer and nothing remembered: slow (up to tens
   * of milliseconds an answer), and the measure that `tableFor` is held to.
   */
  fullEnforcer(rights: RightsClass): Promise<FieldOracle>;
  /** Casbin's verdict on one cell with the line that decided it. What the catalogue does not know is denied. */
  explainCell(rights: RightsClass, object: string, field: string, action: PermissionAction): Promise<CellVerdict>;
  /** Roles that would make a denied cell allowed if they were added to those of the class, as Casbin answers. */
  rolesThatGrant(rights: RightsClass, object: string, field: string, action: PermissionAction): Promise<string[]>;
}

/**
 * Makes a policy body ready to decide. Throws {@link PolicyInvalid}, naming every defect, when it must not be used:
 * on save that ends the transaction, on load it means that no policy is available, never that an older one is used.
 */
export async function compilePolicy(
  catalogue: Catalogue,
  catalogueRevision: string,
  body: PolicyBody,
  checkCondition?: ConditionCheck,
): Promise<CompiledPolicy> {
  const problems = checkPolicyBody(catalogue, catalogueRevision, body, checkCondition);
  if (problems.length > 0) throw new PolicyInvalid(problems);
  const canonical = canonicalBody(body);
  const graph = new RoleGraph(canonical.roles);
  const ground: PolicyGround = { reach: wildcardReach(catalogue), lines: new LineBook(canonical.lines), graph };
  const tables = new ClassTables(catalogue, ground);

  return Object.freeze<CompiledPolicy>({
    catalogue,
    body: canonical,
    tableFor: (rights) => tables.tableFor(rights),
    fullEnforcer: (rights) => tables.oracleFor(rights),

    async explainCell(rights, object, field, action) {
      const { roles, scopes, together } = declaredSets(graph, rights);
      const sets = [roles, ...(scopes ? [scopes] : []), ...(together ? [together] : [])];
      const enforcer = await createCellEnforcer(ground, sets);
      const verdicts = cellsBehind(catalogue, object, field, action).map((cell): CellVerdict => {
        const more = together && enforcer.decide(together, object, cell.field, cell.action);
        const lends = more && (!more.allowed || isLendable(catalogue, object, cell.action));
        const held = lends ? more : enforcer.decide(roles, object, cell.field, cell.action);
        if (!held.allowed || !scopes) return { ...held, decidedBy: 'roles' };
        const narrowed = enforcer.decide(scopes, object, cell.field, cell.action);
        return narrowed.allowed ? { ...held, decidedBy: 'roles' } : { ...narrowed, decidedBy: 'scopes' };
      });
      return (
        verdicts.find((verdict) => verdict.allowed) ?? verdicts[0] ?? { allowed: false, line: null, decidedBy: 'roles' }
      );
    },

    async rolesThatGrant(rights, object, field, action) {
      const { roles, together } = declaredSets(graph, rights);
      const held = together && isLendable(catalogue, object, action) ? together : roles;
      const added = graph.names.filter((name) => !held.includes(name));
      const sets = added.map((name) => graph.declared([...held, name]));
      const enforcer = await createCellEnforcer(ground, sets);
      const cells = cellsBehind(catalogue, object, field, action);
      return added.filter((_, index) =>
        cells.some((cell) => enforcer.allows(sets[index]!, object, cell.field, cell.action)),
      );
    },
  });
}

interface AskedCell {
  readonly field: string;
  readonly action: PermissionAction;
}

/**
 * The questions to Casbin that settle what is asked, any yes being a yes; none for what cannot be allowed at all.
 * `id` is seen when any other member is, and masked says nothing about a member without a mask form.
 */
function cellsBehind(catalogue: Catalogue, objectName: string, field: string, action: PermissionAction): AskedCell[] {
  const object = catalogue.objects.get(objectName);
  if (!object) return [];
  if (field === OBJECT_FIELD) return (OBJECT_ACTIONS as readonly string[]).includes(action) ? [{ field, action }] : [];
  const member = memberOf(object, field);
  if (!member || !FIELD_ACTIONS.includes(action)) return [];
  if (action === 'change') return isChangeable(member) ? [{ field, action }] : [];
  const visible = field === 'id' ? object.members.filter((other) => other.name !== 'id') : [member];
  const level = (asked: PermissionAction, masked: boolean) => (asked === 'see-masked' && !masked ? 'see-clear' : asked);
  return visible.map((seen) => ({
    field: seen.name,
    action: level(field === 'id' ? 'see-masked' : action, hasMaskedForm(seen)),
  }));
}
