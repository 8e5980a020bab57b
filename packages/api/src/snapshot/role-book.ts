import type { PolicyRecords } from './policy-records';

/** The roles of a policy version, by the ids of their records. */
export interface RoleBook {
  nameOf(roleId: string): string | undefined;
  /** The given roles and everything that they inherit. */
  withInherited(roleIds: Iterable<string>): ReadonlySet<string>;
}

const books = new WeakMap<PolicyRecords, RoleBook>();

/** The role book of a published version; made once for each. */
export function roleBook(policy: PolicyRecords): RoleBook {
  const known = books.get(policy);
  if (known) return known;
  const { Role, RoleInheritance } = policy.records;
  const edges = Object.values(RoleInheritance);
  const made: RoleBook = {
    nameOf: (roleId) => (Role[roleId] ? String(Role[roleId].name) : undefined),
    withInherited(roleIds) {
      const found = new Set(roleIds);
      // A set may grow while it is walked: what is added is walked as well.
      for (const role of found) for (const edge of edges) if (edge.role === role) found.add(String(edge.inherits));
      return found;
    },
  };
  books.set(policy, made);
  return made;
}
