import { boolean, field, object, text, timestamp, uuid } from '../../catalogue/decorators';
import { breakGlassStatus } from '../enumerations';
import { SystemRecord } from '../system-record';

@object({
  kind: 'system',
  table: 'break_glass_grant',
  plural: 'breakGlassGrants',
  description: 'Rights that were lent in an emergency: to whom, why, for how long, and what a review found.',
  verbs: [],
  authenticated: true,
})
export class BreakGlassGrant extends SystemRecord {
  // Plain ids, not relations: what was lent stays on record after the eligibility is gone.
  @field(uuid, { write: 'never', description: 'The eligibility under which it was taken.' })
  eligibility!: string;

  @field(uuid, { write: 'never', description: 'The person who took it.' })
  person!: string;

  @field(uuid, { write: 'never', description: 'The user by which they did; it counts for no other.' })
  userId!: string;

  @field(text(120), { nullable: true, write: 'never', description: 'The session that it counts for; null: any.' })
  sessionId!: string | null;

  @field(uuid, { write: 'never', description: 'The role that was lent.' })
  role!: string;

  @field(uuid, { nullable: true, write: 'never', description: 'The sharing group that was lent.' })
  sharingGroup!: string | null;

  @field(uuid, { write: 'never', description: 'The role whose holders review it.' })
  reviewerRole!: string;

  @field(breakGlassStatus, { write: 'never', default: 'OPEN', description: 'Where it stands.' })
  status!: string;

  @field(text(500), { write: 'never', description: 'Why it was taken.' })
  reason!: string;

  @field(timestamp, { write: 'never', description: 'From when on it counts.' })
  opensAt!: Date;

  @field(timestamp, { write: 'never', description: 'It counts no longer than until then.' })
  endsAt!: Date;

  @field(timestamp, { nullable: true, write: 'never', description: 'When it ended.' })
  endedAt!: Date | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The person who ended it; null: its time was out.' })
  endedBy!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The person who reviewed it.' })
  reviewedBy!: string | null;

  @field(timestamp, { nullable: true, write: 'never', description: 'When it was reviewed.' })
  reviewedAt!: Date | null;

  @field(boolean, { nullable: true, write: 'never', description: 'Whether the review found that it was justified.' })
  justified!: boolean | null;

  @field(text(1000), { nullable: true, write: 'never', description: 'What the review found.' })
  finding!: string | null;
}
