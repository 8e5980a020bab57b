import { type Catalogue, memberOf } from '@countersign/schema';
import { wildcardReach } from '../casbin/wildcard-reach';
import { ANY, FIELD_ACTIONS, OBJECT_ACTIONS, OBJECT_FIELD } from '../fields/levels';
import { shown } from './body-shape';
import type { PermissionLine, PolicyBody } from './policy-body';

/**
 * What is wrong with the permission lines of a body. Casbin ignores what it does not understand, and an ignored deny is
 * an open door; so a line that could never take effect is refused as well.
 */
export function lineProblems(catalogue: Catalogue, body: PolicyBody): string[] {
  const roles = new Set(body.roles.map((role) => role.name));
  const targetProblem = targetCheck(catalogue);
  const seen = new Set<string>();
  return body.lines.flatMap((line) => {
    const problems: string[] = [];
    if (!roles.has(line.role)) problems.push(`${shown(line.role)} is not a declared role; lines name roles only`);
    const target = actionProblem(line) ?? targetProblem(line);
    if (target) problems.push(target);
    const text = JSON.stringify([line.id, line.role, line.object, line.field, line.action, line.effect]);
    if (seen.has(text)) problems.push('it is there twice');
    seen.add(text);
    return problems.map((problem) => `line ${shown(line.id)}: ${problem}`);
  });
}

function actionProblem({ action, field }: PermissionLine): string | null {
  if ((OBJECT_ACTIONS as readonly string[]).includes(action)) {
    return field === OBJECT_FIELD ? null : `${action} is about an object as a whole: its field is ${OBJECT_FIELD}`;
  }
  if (!FIELD_ACTIONS.includes(action)) return `${shown(action)} is not an action`;
  return field === OBJECT_FIELD ? `${action} is about a field: ${OBJECT_FIELD} is none` : null;
}

function targetCheck(catalogue: Catalogue): (line: PermissionLine) => string | null {
  const reach = wildcardReach(catalogue);
  const objects = [...catalogue.objects.values()];
  return ({ object, field, action, effect }) => {
    if (object === ANY) {
      if (field === ANY || field === OBJECT_FIELD) return null;
      if (objects.some(({ name }) => reach(name, field))) return null;
      return `wildcards cover no object with a field ${shown(field)}`;
    }
    const known = catalogue.objects.get(object);
    if (!known) return `${shown(object)} is not an object`;
    if (field === OBJECT_FIELD) return null;
    if (field === ANY) {
      return known.kind === 'system' ? `wildcards do not cover system objects: name the fields of ${object}` : null;
    }
    const member = memberOf(known, field);
    if (!member) return `${object} has no field ${shown(field)}`;
    if (member.kind === 'to-many' && action === 'change') {
      return `${object}.${field} is changed from its other side, ${member.target}.${member.via}`;
    }
    if (field === 'id' && effect === 'deny' && action !== 'change') {
      return `${object}.id is seen wherever the record is: deny the other fields`;
    }
    return null;
  };
}
