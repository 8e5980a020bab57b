import type { RoleDefinition } from '../versions/policy-body';
import { classSubject, roleSubject } from './subjects';

/** A link as Casbin holds it: the first subject has everything that the second one has. */
export type RoleLink = string[];

/** Who inherits from whom. Links are always the real ones: flattening them would change Casbin's answers. */
export class RoleGraph {
  readonly names: readonly string[];
  private readonly parents: ReadonlyMap<string, readonly string[]>;

  constructor(roles: readonly RoleDefinition[]) {
    this.names = roles.map((role) => role.name);
    this.parents = new Map(roles.map((role) => [role.name, role.inherits]));
  }

  /** The declared ones among these roles, sorted and without doubles. A role that is gone from the policy grants nothing. */
  declared(roles: readonly string[]): string[] {
    return [...new Set(roles)].filter((role) => this.parents.has(role)).sort();
  }

  /** These roles and all that they inherit. */
  closure(roles: readonly string[]): Set<string> {
    const reached = new Set<string>();
    const open = [...roles];
    for (let role = open.pop(); role !== undefined; role = open.pop()) {
      if (reached.has(role)) continue;
      reached.add(role);
      open.push(...(this.parents.get(role) ?? []));
    }
    return reached;
  }

  /** The links between these roles and their parents. */
  linksOf(roles: Iterable<string>): RoleLink[] {
    return [...roles].flatMap((role) =>
      (this.parents.get(role) ?? []).map((parent) => [roleSubject(role), roleSubject(parent)]),
    );
  }

  /** The links that make a class subject hold each of these roles. */
  static linksOfClass(roles: readonly string[]): RoleLink[] {
    return roles.map((role) => [classSubject(roles), roleSubject(role)]);
  }
}
