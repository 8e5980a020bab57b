import { type Catalogue, type CatalogueObject, objectOf } from '@countersign/schema';
import type { GivenChange } from '../records/change';
import { emergencyRoles } from './emergency-roles';
import { portalRoles } from './portal-roles';
import { staffRoles } from './staff-roles';
import { starterGroups } from './starter-groups';
import type { StarterFields, StarterRole } from './starter-role';
import { starterRules } from './starter-rules';

type FieldAction = 'SEE_CLEAR' | 'SEE_MASKED' | 'CHANGE';

/** All roles that a new installation begins with. */
export function starterRoles(catalogue: Catalogue): StarterRole[] {
  return [...staffRoles(catalogue), ...portalRoles, ...emergencyRoles];
}

/** The name by which later changes of the same set refer to a starter role. */
export const roleKey = (name: string) => `role:${name}`;

/** The same for a starter group, by its place in the list. */
export const groupKey = (index: number) => `group:${index}`;

/**
 * The policy that a new installation begins with: roles, permissions, sharing. Applied to an empty database it becomes
 * policy version 1. Staff whom no group limits see all records of what their role lets them see at all; what a portal
 * sees is always said by a group.
 */
export function starterPolicy(catalogue: Catalogue): GivenChange[] {
  const roles = starterRoles(catalogue);
  const create = (object: string, input: Record<string, unknown>, as?: string): GivenChange => {
    return { verb: 'create', object, input, ...(as === undefined ? {} : { as }) };
  };
  return [
    ...roles.map(({ name, description }) => create('Role', { name, description }, roleKey(name))),
    ...roles.flatMap(({ name, inherits = [] }) =>
      inherits.map((parent) => create('RoleInheritance', { roleId: ref(name), inheritsId: ref(parent) })),
    ),
    ...roles.flatMap((role) => fieldLines(catalogue, role).map((line) => create('FieldPermission', line))),
    ...roles.flatMap(({ name, may = {} }) =>
      Object.entries(may).flatMap(([objectName, actions]) =>
        actions.map((action) => create('ObjectPermission', { roleId: ref(name), objectName, action, effect: 'ALLOW' })),
      ),
    ),
    ...[...catalogue.objects.keys()].map((objectName) => create('ObjectSetting', { objectName, sharing: 'OPEN' })),
    ...starterGroups(catalogue).flatMap(({ name, description, access, roles: members, conditions }, index) => {
      const key = groupKey(index);
      return [
        create('SharingGroup', { name, description, access }, key),
        ...members.map((member) => create('SharingMember', { groupId: `@${key}`, roleId: ref(member) })),
        ...conditions.map(({ object, condition }) =>
          create('SharingCondition', { groupId: `@${key}`, objectName: object, condition }),
        ),
      ];
    }),
    ...starterRules(catalogue).flatMap(({ name, description, objects, trigger, windowHours, levels }, index) => {
      const key = `rule:${index}`;
      const rule = { name, description, objects, actions: ['CREATE', 'UPDATE', 'DELETE'], trigger, windowHours };
      return [
        create('ApprovalRule', rule, key),
        ...levels.map(({ level, role, quorum }) =>
          create('ApprovalLevel', { ruleId: `@${key}`, level, approverRoleId: ref(role), quorum }),
        ),
      ];
    }),
  ];
}

const ref = (name: string) => `@${roleKey(name)}`;

function fieldLines(catalogue: Catalogue, role: StarterRole): Record<string, unknown>[] {
  const tables = [
    ['SEE_CLEAR', role.clear],
    ['SEE_MASKED', role.masked],
    ['CHANGE', role.change],
  ] as const;
  return tables.flatMap(([action, byObject = {}]) =>
    Object.entries(byObject).flatMap(([objectName, fields]) =>
      fieldNames(objectOf(catalogue, objectName), fields, action).map((fieldName) => {
        return { roleId: ref(role.name), objectName, fieldName, action, effect: 'ALLOW' };
      }),
    ),
  );
}

/** Only what means something: `id` follows the record, and what the gateway sets nobody changes. */
function fieldNames(object: CatalogueObject, fields: StarterFields, action: FieldAction): readonly string[] {
  if (fields === '*') return ['*'];
  if (fields !== 'each') return fields;
  const members = object.members.filter(({ name }) => name !== 'id');
  if (action !== 'CHANGE') return members.map(({ name }) => name);
  return members.filter((member) => member.kind !== 'to-many' && member.write !== 'never').map(({ name }) => name);
}
