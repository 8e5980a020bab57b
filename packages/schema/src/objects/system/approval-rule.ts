import type { Relation } from 'typeorm';
import { boolean, field, integer, json, object, text, toMany, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { ApprovalLevel } from './approval-level';
import { Role } from './role';

@object({
  kind: 'system',
  table: 'approval_rule',
  plural: 'approvalRules',
  description: 'Which changes wait for the agreement of others. A rule needs at least one level.',
  uniques: [['name']],
})
export class ApprovalRule extends SystemRecord {
  @field(text(120), { description: 'The name of the rule.' })
  name!: string;

  @field(text(500), { nullable: true, description: 'What the rule is for.' })
  description!: string | null;

  @field(json, { description: 'The names of the objects that the rule gates: ["Price", "ContractRate"].' })
  objects!: unknown;

  @field(json, {
    description: 'What is gated: ["CREATE", "UPDATE", "DELETE"]. Gating updates gates creates and deletes as well.',
  })
  actions!: unknown;

  @field(json, { nullable: true, description: 'The fields of whose change the rule speaks; null: of any.' })
  fields!: unknown;

  @field(json, { nullable: true, description: 'When it applies, over before, after and the change; null: always.' })
  trigger!: unknown;

  @field(integer({ min: 1, max: 8760 }), {
    nullable: true,
    description: 'Changes within so many hours are judged together, so that splitting one does not help.',
  })
  windowHours!: number | null;

  @toOne(() => Role, {
    nullable: true,
    inverse: 'reviewedRules',
    description: 'Holders of this role may read and comment what the rule holds, and sign nothing.',
  })
  reviewerRole!: Relation<Role> | null;

  @field(boolean, {
    nullable: true,
    description: 'True: a checker is told the count and the sum of affected records that they may not see.',
  })
  revealsHiddenTotals!: boolean | null;

  @toMany(() => ApprovalLevel, 'rule', { description: 'Who has to agree, in which order.' })
  levels!: Relation<ApprovalLevel>[];
}
