import type { Catalogue } from '@countersign/schema';
import { RoleGraph } from '../casbin/role-graph';
import { isLendable } from '../fields/lendable';
import { ANY } from '../fields/levels';
import type { PermissionLine, PolicyBody } from './policy-body';

/**
 * The lines by which a role, or one that it inherits, allows what break-glass never lends: anything about a system
 * object, and approving. A role without any can be lent as it is; what it gains later is left out when it is lent.
 */
export function unlendableLines(
  catalogue: Catalogue,
  { roles, lines }: Pick<PolicyBody, 'roles' | 'lines'>,
  role: string,
): PermissionLine[] {
  const graph = new RoleGraph(roles);
  const held = graph.closure(graph.declared([role]));
  return lines.filter(
    ({ role: of, object, action, effect }) => effect === 'allow' && held.has(of) && !reaches(catalogue, object, action),
  );
}

/** Wildcards cover no system object. */
function reaches(catalogue: Catalogue, object: string, action: PermissionLine['action']): boolean {
  return object === ANY ? action !== 'approve' : isLendable(catalogue, object, action);
}
