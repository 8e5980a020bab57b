import type { ApprovalRule } from '../approvals/approval-rule';
import type { PermissionAction } from '../fields/levels';

/** Who a role is for. Portal roles never make `open` objects visible, and portal callers cannot tell hidden from unknown. */
export type Audience = 'staff' | 'portal';

/** One permission line, as Casbin sees it. `object` and `field` may be `*`; object actions carry the field `-`. */
export interface PermissionLine {
  /** Id of the FieldPermission or ObjectPermission record; names the deciding line in explanations. */
  readonly id: string;
  /** Name of a role. Lines for persons or clients are refused. */
  readonly role: string;
  readonly object: string;
  readonly field: string;
  readonly action: PermissionAction;
  readonly effect: 'allow' | 'deny';
}

export interface RoleDefinition {
  readonly name: string;
  /** Names of the roles whose lines this role has as well. */
  readonly inherits: readonly string[];
}

/** How an object is shared with staff about whom no sharing group says anything. */
export type Sharing = 'open' | 'groups-only';

export interface GroupDefinition {
  readonly id: string;
  readonly name: string;
  /** `read-write` groups also make up the write scope. */
  readonly access: 'read' | 'read-write';
  /** Object name -> condition in its JSON form (the same as a GraphQL `where`). Several on one object are ANDed. */
  readonly conditions: readonly { readonly object: string; readonly condition: unknown }[];
}

/**
 * Holders of a role see one field of an object only in the records that meet a condition. A rule only ever takes away:
 * it gives nobody a field, and of several rules all must hold. See `cellRules` for how rules meet.
 */
export interface CellRuleDefinition {
  readonly id: string;
  readonly role: string;
  readonly object: string;
  /** A field or a to-one relation; never `id` or `version`. */
  readonly field: string;
  /** In its JSON form, as in a sharing group. */
  readonly condition: unknown;
}

/**
 * Everything that a published policy version says. Arrays are sorted by the publisher, so that equal policies have
 * equal canonical texts.
 */
export interface PolicyBody {
  readonly catalogueRevision: string;
  readonly roles: readonly RoleDefinition[];
  readonly lines: readonly PermissionLine[];
  /** Objects not listed are `groups-only`: doing nothing means no. */
  readonly sharing: readonly { readonly object: string; readonly sharing: Sharing }[];
  readonly groups: readonly GroupDefinition[];
  /** Missing means none, as in the versions that were published before there were any. */
  readonly approvalRules?: readonly ApprovalRule[];
  readonly cellRules: readonly CellRuleDefinition[];
}

/** A policy that must not be published or loaded. `problems` names every defect. */
export class PolicyInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The policy is invalid:\n- ${problems.join('\n- ')}`);
    this.name = 'PolicyInvalid';
  }
}
