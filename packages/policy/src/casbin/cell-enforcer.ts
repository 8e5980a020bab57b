import type { PermissionAction } from '../fields/levels';
import type { PermissionLine } from '../versions/policy-body';
import type { LineBook } from './line-book';
import { RoleGraph } from './role-graph';
import { startEnforcer } from './start-enforcer';
import { classSubject } from './subjects';
import type { WildcardReach } from './wildcard-reach';

/** What enforcers of one policy have in common. */
export interface PolicyGround {
  readonly reach: WildcardReach;
  readonly lines: LineBook;
  readonly graph: RoleGraph;
}

/** Casbin's answer, and the line that decided it: null when no line spoke, which means no. */
export interface CellDecision {
  readonly allowed: boolean;
  readonly line: PermissionLine | null;
}

/** Casbin, asked about sets of roles. All answers are synchronous; making one is not. */
export interface CellEnforcer {
  allows(roles: readonly string[], object: string, field: string, action: PermissionAction): boolean;
  decide(roles: readonly string[], object: string, field: string, action: PermissionAction): CellDecision;
}

/**
 * An enforcer for these sets of roles that looks only at the lines about the field and action that are asked for: Casbin
 * walks every line it holds for every question, so it is handed the few that can matter, with the real links between
 * the roles.
 *
 * Each set is a sorted list of declared roles without doubles; only these sets may be asked about.
 */
export async function createCellEnforcer(
  ground: PolicyGround,
  sets: readonly (readonly string[])[],
): Promise<CellEnforcer> {
  const { reach, lines, graph } = ground;
  const closure = graph.closure(sets.flat());
  const links = [...graph.linksOf(closure), ...sets.flatMap((set) => RoleGraph.linksOfClass(set))];
  const enforcer = await startEnforcer(reach, links, []);
  const held = enforcer.getModel().model.get('p')?.get('p');
  if (!held) throw new Error('The Casbin model defines no p');

  /** False when no line can speak. Casbin is not asked then: without lines it tests its matcher on empty values. */
  const turnTo = (object: string, field: string, action: PermissionAction): boolean => {
    held.policy = lines.linesOfCell(object, field, action, closure);
    return held.policy.length > 0;
  };
  return {
    allows: (roles, object, field, action) =>
      turnTo(object, field, action) && enforcer.enforceSync(classSubject(roles), object, field, action),
    decide(roles, object, field, action) {
      if (!turnTo(object, field, action)) return { allowed: false, line: null };
      const [allowed, line] = enforcer.enforceExSync(classSubject(roles), object, field, action);
      return { allowed, line: lines.sourceOf(line) };
    },
  };
}

/**
 * An enforcer that holds every line and every role of the policy, as Casbin is meant to be used: slow, and the measure
 * that the quick one is held to.
 */
export async function createFullEnforcer(
  ground: PolicyGround,
  sets: readonly (readonly string[])[],
): Promise<CellEnforcer> {
  const { reach, lines, graph } = ground;
  const links = [...graph.linksOf(graph.names), ...sets.flatMap((set) => RoleGraph.linksOfClass(set))];
  const enforcer = await startEnforcer(reach, links, lines.all);
  return {
    allows: (roles, object, field, action) => enforcer.enforceSync(classSubject(roles), object, field, action),
    decide(roles, object, field, action) {
      const [allowed, line] = enforcer.enforceExSync(classSubject(roles), object, field, action);
      return { allowed, line: lines.sourceOf(line) };
    },
  };
}
