import { OBJECT_FIELD } from '../fields/levels';
import type { PermissionLine, PolicyBody } from '../versions/policy-body';
import { CASE_REVISION } from './case-catalogue';

/**
 * A policy in the words of the decision tables: roles with what they inherit, and lines as "effect role action
 * Object.field", or "effect role action Object" for an action on records. Line ids are `line 1`, `line 2`, …
 */
export function casePolicy(roles: Readonly<Record<string, readonly string[]>>, lines: readonly string[]): PolicyBody {
  return {
    catalogueRevision: CASE_REVISION,
    roles: Object.entries(roles).map(([name, inherits]) => ({ name, inherits })),
    lines: lines.map((text, index) => caseLine(text, `line ${index + 1}`)),
    sharing: [],
    groups: [],
    cellRules: [],
  };
}

function caseLine(text: string, id: string): PermissionLine {
  const [effect, role, action, place = ''] = text.split(' ') as [
    PermissionLine['effect'],
    string,
    PermissionLine['action'],
    string,
  ];
  const [object = '', field = OBJECT_FIELD] = place.split('.');
  return { id, effect, role, action, object, field };
}

/** Roles `role-0` … `role-<links>`, each inheriting the one before it. */
export function chainOfRoles(links: number): Record<string, readonly string[]> {
  const roles = Array.from(
    { length: links + 1 },
    (_, at) => [`role-${at}`, at === 0 ? [] : [`role-${at - 1}`]] as const,
  );
  return Object.fromEntries(roles);
}
