import type { ObjectAction, PermissionAction, PermissionLine, PolicyBody } from '@countersign/policy';
import type { RecordImage } from '../database/record-image';

/** The objects whose records make up a policy version. Changing one of them publishes a version. */
export const POLICY_OBJECTS = [
  'Role',
  'RoleInheritance',
  'FieldPermission',
  'ObjectPermission',
  'CellRule',
  'ObjectSetting',
  'SharingGroup',
  'SharingCondition',
] as const;
export type PolicyObject = (typeof POLICY_OBJECTS)[number];

/**
 * A policy version as it is stored: the images of its records by object and id. The next version is this one with the
 * changed records laid over it, never a fresh read of the tables, so that a row put there by hand stays without effect.
 */
export interface PolicyRecords {
  readonly catalogueRevision: string;
  readonly records: Readonly<Record<PolicyObject, Readonly<Record<string, RecordImage>>>>;
}

export function isPolicyObject(name: string): name is PolicyObject {
  return (POLICY_OBJECTS as readonly string[]).includes(name);
}

/** The empty policy, under which nobody may do anything. */
export function noPolicyRecords(catalogueRevision: string): PolicyRecords {
  const records = Object.fromEntries(POLICY_OBJECTS.map((name) => [name, {}])) as PolicyRecords['records'];
  return { catalogueRevision, records };
}

/**
 * The records of a stored version. A version that was published before an object belonged to the policy has none of its
 * records: what nobody could write yet restricts nobody, and grants nothing.
 */
export function storedPolicyRecords(body: string): PolicyRecords {
  const { catalogueRevision, records } = JSON.parse(body) as PolicyRecords;
  return { catalogueRevision, records: { ...noPolicyRecords(catalogueRevision).records, ...records } };
}

/** One record created, changed (with its new image) or deleted (with null). */
export interface PolicyRecordChange {
  readonly object: PolicyObject;
  readonly id: string;
  readonly image: RecordImage | null;
}

/** The records of the next version. */
export function withChanges(
  before: PolicyRecords,
  catalogueRevision: string,
  changes: readonly PolicyRecordChange[],
): PolicyRecords {
  const records = Object.fromEntries(POLICY_OBJECTS.map((name) => [name, { ...before.records[name] }])) as Record<
    PolicyObject,
    Record<string, RecordImage>
  >;
  for (const { object, id, image } of changes) {
    if (image) records[object][id] = image;
    else delete records[object][id];
  }
  return { catalogueRevision, records };
}

const FIELD_ACTION: Readonly<Record<string, PermissionAction>> = {
  SEE_MASKED: 'see-masked',
  SEE_CLEAR: 'see-clear',
  CHANGE: 'change',
};

/** What the records mean: the body that packages/policy checks and compiles. */
export function policyBodyOf({ catalogueRevision, records }: PolicyRecords): PolicyBody {
  const roleName = (id: unknown): string => String(records.Role[String(id)]?.name ?? `unknown role ${String(id)}`);
  const effect = (image: RecordImage): PermissionLine['effect'] => String(image.effect).toLowerCase() as never;
  const lines: PermissionLine[] = [];
  for (const [id, image] of Object.entries(records.FieldPermission)) {
    lines.push({
      id,
      role: roleName(image.role),
      object: String(image.objectName),
      field: String(image.fieldName),
      action: FIELD_ACTION[String(image.action)] ?? (String(image.action) as PermissionAction),
      effect: effect(image),
    });
  }
  for (const [id, image] of Object.entries(records.ObjectPermission)) {
    lines.push({
      id,
      role: roleName(image.role),
      object: String(image.objectName),
      field: '-',
      action: String(image.action).toLowerCase() as ObjectAction,
      effect: effect(image),
    });
  }
  return {
    catalogueRevision,
    roles: Object.entries(records.Role).map(([id, image]) => ({
      name: String(image.name),
      inherits: Object.values(records.RoleInheritance)
        .filter((edge) => edge.role === id)
        .map((edge) => roleName(edge.inherits)),
    })),
    lines,
    sharing: Object.values(records.ObjectSetting).map((image) => ({
      object: String(image.objectName),
      sharing: image.sharing === 'OPEN' ? 'open' : 'groups-only',
    })),
    groups: Object.entries(records.SharingGroup).map(([id, image]) => ({
      id,
      name: String(image.name),
      access: image.access === 'READ_WRITE' ? 'read-write' : 'read',
      conditions: Object.values(records.SharingCondition)
        .filter((condition) => condition.group === id)
        .map((condition) => ({ object: String(condition.objectName), condition: condition.condition })),
    })),
    cellRules: Object.entries(records.CellRule).map(([id, image]) => ({
      id,
      role: roleName(image.role),
      object: String(image.objectName),
      field: String(image.fieldName),
      condition: image.condition,
    })),
  };
}
