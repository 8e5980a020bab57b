import type { Relation } from 'typeorm';
import { field, object, text, toMany } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { ApprovalLevel } from './approval-level';
import { ApprovalRule } from './approval-rule';
import { BreakGlassEligibility } from './break-glass-eligibility';
import { CellRule } from './cell-rule';
import { FieldPermission } from './field-permission';
import { ObjectPermission } from './object-permission';
import { RoleAssignment } from './role-assignment';
import { RoleInheritance } from './role-inheritance';
import { SharingMember } from './sharing-member';

@object({
  kind: 'system',
  table: 'role',
  plural: 'roles',
  description: 'A named set of permissions.',
  uniques: [['name']],
})
export class Role extends SystemRecord {
  @field(text(63, '^[a-z][a-z0-9-]{0,62}$'), { description: 'The name by which rules and people refer to the role.' })
  name!: string;

  @field(text(500), { nullable: true, description: 'Who should hold the role, and why.' })
  description!: string | null;

  @toMany(() => RoleInheritance, 'role', { description: 'Roles whose permissions this role has as well.' })
  inheritances!: Relation<RoleInheritance>[];

  @toMany(() => RoleInheritance, 'inherits', { description: 'Roles that have the permissions of this role as well.' })
  inheritedBy!: Relation<RoleInheritance>[];

  @toMany(() => RoleAssignment, 'role', { description: 'Who holds the role.' })
  assignments!: Relation<RoleAssignment>[];

  @toMany(() => FieldPermission, 'role', { description: 'What the role may see and change.' })
  fieldPermissions!: Relation<FieldPermission>[];

  @toMany(() => ObjectPermission, 'role', { description: 'What the role may do with whole records.' })
  objectPermissions!: Relation<ObjectPermission>[];

  @toMany(() => CellRule, 'role', { description: 'Fields that its holders see only in some records.' })
  cellRules!: Relation<CellRule>[];

  @toMany(() => SharingMember, 'role', { description: 'Sharing groups that holders of the role are in.' })
  sharingMemberships!: Relation<SharingMember>[];

  @toMany(() => ApprovalLevel, 'approverRole', { description: 'Demands of approval rules that its holders may meet.' })
  approvalLevels!: Relation<ApprovalLevel>[];

  @toMany(() => ApprovalLevel, 'escalationRole', {
    description: 'Demands of approval rules that its holders may meet once the time is out.',
  })
  escalationLevels!: Relation<ApprovalLevel>[];

  @toMany(() => ApprovalRule, 'reviewerRole', { description: 'Rules whose changes its holders may read and comment.' })
  reviewedRules!: Relation<ApprovalRule>[];

  @toMany(() => BreakGlassEligibility, 'role', { description: 'Who may take the role in an emergency.' })
  breakGlassEligibilities!: Relation<BreakGlassEligibility>[];

  @toMany(() => BreakGlassEligibility, 'reviewerRole', {
    description: 'What may be lent in an emergency and is reviewed by its holders.',
  })
  breakGlassReviews!: Relation<BreakGlassEligibility>[];
}
