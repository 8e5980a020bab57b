import type { Relation } from 'typeorm';
import { boolean, field, integer, object, text, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { ApprovalRule } from './approval-rule';
import { Person } from './person';
import { Role } from './role';

@object({
  kind: 'system',
  table: 'approval_level',
  plural: 'approvalLevels',
  description: 'One demand of an approval rule: who has to agree, and how many of them.',
})
export class ApprovalLevel extends SystemRecord {
  @toOne(() => ApprovalRule, { write: 'create', inverse: 'levels', description: 'The rule that demands it.' })
  rule!: Relation<ApprovalRule>;

  @field(integer({ min: 1, max: 9 }), { description: 'Levels are signed one after the other, beginning with 1.' })
  level!: number;

  @toOne(() => Role, { nullable: true, inverse: 'approvalLevels', description: 'Holders of this role may sign.' })
  approverRole!: Relation<Role> | null;

  @toOne(() => Person, { nullable: true, inverse: 'approvalLevels', description: 'This person may sign.' })
  approverPerson!: Relation<Person> | null;

  @field(text(200, '^[a-z][A-Za-z0-9]*([.][a-z][A-Za-z0-9]*)*$'), {
    nullable: true,
    description: 'Whoever this path leads to from the changed record may sign: "account.owner".',
  })
  approverPath!: string | null;

  @field(integer({ min: 1, max: 100 }), { default: 1, description: 'How many of them have to sign.' })
  quorum!: number;

  @field(boolean, { default: false, description: 'True: every one of them has to sign, whatever the quorum says.' })
  everyone!: boolean;

  @field(integer({ min: 1, max: 8760 }), {
    nullable: true,
    description: 'After so many hours others may sign as well, or the change expires.',
  })
  timeoutHours!: number | null;

  @toOne(() => Role, {
    nullable: true,
    inverse: 'escalationLevels',
    description: 'Holders of this role may sign once the time is out.',
  })
  escalationRole!: Relation<Role> | null;
}
