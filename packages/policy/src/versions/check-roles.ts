import { shown } from './body-shape';
import type { PolicyBody, RoleDefinition } from './policy-body';

const ROLE_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Links from a role to its farthest ancestor. */
const LONGEST_CHAIN = 30;

/**
 * Ways from a role up to its ancestors. Casbin walks every one of them for every question, and a ladder of diamonds
 * doubles them at each rung: thirty rungs would take minutes a cell.
 */
const MOST_PATHS = 1000;

/** What is wrong with the roles of a body and how they inherit. */
export function roleProblems(body: PolicyBody): string[] {
  const problems: string[] = [];
  const roles = new Map<string, RoleDefinition>();
  for (const role of body.roles) {
    if (!ROLE_NAME.test(role.name))
      problems.push(`role ${shown(role.name)} is not a usable name (${ROLE_NAME.source})`);
    if (roles.has(role.name)) problems.push(`role ${shown(role.name)} is declared twice`);
    roles.set(role.name, role);
  }
  for (const { name, inherits } of body.roles) {
    if (new Set(inherits).size < inherits.length) problems.push(`role ${shown(name)} inherits a role twice`);
    for (const parent of inherits) {
      if (!roles.has(parent)) problems.push(`role ${shown(name)} inherits ${shown(parent)}, which is not declared`);
    }
  }
  return [...problems, ...climbProblems(roles)];
}

interface Climb {
  readonly links: number;
  readonly paths: number;
}

/** Cycles, chains and paths, each role visited once however many ways lead to it. */
function climbProblems(roles: ReadonlyMap<string, RoleDefinition>): string[] {
  const problems: string[] = [];
  const done = new Map<string, Climb>();
  const onTheWay = new Set<string>();

  const climb = (name: string): Climb => {
    const known = done.get(name);
    if (known) return known;
    if (onTheWay.has(name)) {
      problems.push(`role ${shown(name)} inherits itself`);
      return { links: 0, paths: 0 };
    }
    onTheWay.add(name);
    let links = 0;
    let paths = 1;
    for (const parent of roles.get(name)?.inherits ?? []) {
      if (!roles.has(parent)) continue;
      const above = climb(parent);
      links = Math.max(links, above.links + 1);
      paths = Math.min(paths + above.paths, MOST_PATHS + 1);
    }
    onTheWay.delete(name);
    const reached = { links, paths };
    done.set(name, reached);
    return reached;
  };

  for (const name of roles.keys()) {
    const { links, paths } = climb(name);
    if (links > LONGEST_CHAIN)
      problems.push(`role ${shown(name)} inherits over ${links} links; at most ${LONGEST_CHAIN}`);
    if (paths > MOST_PATHS) problems.push(`role ${shown(name)} reaches its ancestors in more than ${MOST_PATHS} ways`);
  }
  return problems;
}
