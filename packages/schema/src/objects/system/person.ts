import type { Relation } from 'typeorm';
import { field, object, text, toMany, toOne } from '../../catalogue/decorators';
import { Account } from '../billing/account';
import { SystemRecord } from '../system-record';
import { ApprovalDelegation } from './approval-delegation';
import { ApprovalLevel } from './approval-level';
import { BreakGlassEligibility } from './break-glass-eligibility';
import { User } from './user';

@object({
  kind: 'system',
  table: 'person',
  plural: 'persons',
  description: 'A human. Maker and checker are compared by person, however many users they have.',
  subjectVia: 'id',
})
export class Person extends SystemRecord {
  @field(text(200), { tags: ['personal'], mask: 'initial', description: 'The full name.' })
  fullName!: string;

  @field(text(254), {
    nullable: true,
    tags: ['personal'],
    mask: 'email',
    description: 'The e-mail address to reach the person at.',
  })
  email!: string | null;

  @toOne(() => Person, { nullable: true, inverse: 'reports', description: 'The person they report to.' })
  manager!: Relation<Person> | null;

  @toMany(() => Person, 'manager', { description: 'People who report to the person.' })
  reports!: Relation<Person>[];

  @toMany(() => User, 'person', { description: 'Sign-ins of the person.' })
  users!: Relation<User>[];

  @toMany(() => Account, 'owner', { description: 'Accounts that the person answers for.' })
  ownedAccounts!: Relation<Account>[];

  @toMany(() => ApprovalLevel, 'approverPerson', { description: 'Demands of approval rules that name the person.' })
  approvalLevels!: Relation<ApprovalLevel>[];

  @toMany(() => ApprovalDelegation, 'absentPerson', { description: 'Who signs for the person while they are absent.' })
  delegationsGiven!: Relation<ApprovalDelegation>[];

  @toMany(() => ApprovalDelegation, 'delegate', { description: 'For whom the person signs while they are absent.' })
  delegationsReceived!: Relation<ApprovalDelegation>[];

  @toMany(() => BreakGlassEligibility, 'person', { description: 'Rights that the person may take in an emergency.' })
  breakGlassEligibilities!: Relation<BreakGlassEligibility>[];
}
