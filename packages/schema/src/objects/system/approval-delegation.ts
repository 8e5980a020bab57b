import type { Relation } from 'typeorm';
import { field, object, text, timestamp, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { Person } from './person';

@object({
  kind: 'system',
  table: 'approval_delegation',
  plural: 'approvalDelegations',
  description: 'Somebody signs for somebody who is absent, for a time.',
  verbs: ['create', 'delete'],
  authenticated: true,
})
export class ApprovalDelegation extends SystemRecord {
  @toOne(() => Person, { write: 'create', inverse: 'delegationsGiven', description: 'Who is absent.' })
  absentPerson!: Relation<Person>;

  @toOne(() => Person, { write: 'create', inverse: 'delegationsReceived', description: 'Who signs for them.' })
  delegate!: Relation<Person>;

  @field(timestamp, { write: 'create', description: 'From when on.' })
  validFrom!: Date;

  @field(timestamp, { write: 'create', description: 'Until when.' })
  validUntil!: Date;

  @field(text(500), { nullable: true, write: 'create', description: 'Why they are absent.' })
  reason!: string | null;
}
