import type {
  ApprovalRule,
  Approver,
  GatedAction,
  ObjectAction,
  PermissionAction,
  PermissionLine,
  PolicyBody,
} from '@countersign/policy';
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
  'ApprovalRule',
  'ApprovalLevel',
] as const;
export type PolicyObject = (typeof POLICY_OBJECTS)[number];

/**
 * A policy version as it is stored: the images of its records by object and id. The next version is this one with the
 * changed records laid over it, never a fresh read of the tables, so that a row put there by hand stays without effect.
 */
export interface PolicyRecords {
  readonly catalogueRevision: string;
  readonly records: Readonly<Record<PolicyObject, Readonly<Record<string, RecordImage>>>>;
  /** Missing in versions from before there were approvals: the gates were open then. */
  readonly gates?: Gates;
}

/**
 * Whether approval rules hold changes. Gates stand open until there are two security admins; the latch then closes them
 * for good. Only the offline ceremony opens them again, and until a moment that is part of the published version.
 */
export interface Gates {
  readonly closed: boolean;
  readonly openUntil: string | null;
}

/** Whether approval rules hold changes at this moment. */
export function gatesAreClosed({ gates }: PolicyRecords, now: Date): boolean {
  if (!gates?.closed) return false;
  return gates.openUntil === null || gates.openUntil <= now.toISOString();
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
  const stored = JSON.parse(body) as PolicyRecords;
  return { ...stored, records: { ...noPolicyRecords(stored.catalogueRevision).records, ...stored.records } };
}

/** One record created, changed (with its new image) or deleted (with null). */
export interface PolicyRecordChange {
  readonly object: PolicyObject;
  readonly id: string;
  readonly image: RecordImage | null;
}

/** The records of the next version; its gates are those of the one before, unless others are given. */
export function withChanges(
  before: PolicyRecords,
  catalogueRevision: string,
  changes: readonly PolicyRecordChange[],
  gates: Gates | undefined = before.gates,
): PolicyRecords {
  const records = Object.fromEntries(POLICY_OBJECTS.map((name) => [name, { ...before.records[name] }])) as Record<
    PolicyObject,
    Record<string, RecordImage>
  >;
  for (const { object, id, image } of changes) {
    if (image) records[object][id] = image;
    else delete records[object][id];
  }
  return { catalogueRevision, records, ...(gates ? { gates } : {}) };
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
    approvalRules: approvalRulesOf(records, roleName),
  };
}

function approvalRulesOf(records: PolicyRecords['records'], roleName: (id: unknown) => string): ApprovalRule[] {
  const levels = Object.entries(records.ApprovalLevel);
  const names = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return Object.entries(records.ApprovalRule).map(([id, image]) => ({
    id,
    name: String(image.name),
    objects: names(image.objects),
    actions: names(image.actions).map((name) => name.toLowerCase() as GatedAction),
    fields: image.fields === null ? null : names(image.fields),
    trigger: image.trigger,
    windowHours: image.windowHours as number | null,
    levels: levels
      .filter(([, level]) => level.rule === id)
      .map(([levelId, level]) => levelOf(levelId, level, roleName)),
    // Rules from before there were these say neither.
    ...((image.reviewerRole ?? null) === null ? {} : { reviewers: roleName(image.reviewerRole) }),
    ...(image.revealsHiddenTotals === true ? { revealsHiddenTotals: true as const } : {}),
  }));
}

function levelOf(id: string, image: RecordImage, roleName: (id: unknown) => string): ApprovalRule['levels'][number] {
  const approver = (): Approver => {
    if (image.approverRole !== null) return { kind: 'role', role: roleName(image.approverRole) };
    if (image.approverPerson !== null) return { kind: 'person', person: String(image.approverPerson) };
    return { kind: 'path', path: String(image.approverPath).split('.') };
  };
  return {
    id,
    level: Number(image.level),
    approver: approver(),
    quorum: image.everyone === true ? 'all' : Number(image.quorum),
    timeoutHours: image.timeoutHours as number | null,
    escalateTo: image.escalationRole === null ? null : roleName(image.escalationRole),
  };
}
