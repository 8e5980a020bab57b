import type { Relation } from 'typeorm';
import { field, integer, object, text, timestamp, toMany, uuid } from '../../catalogue/decorators';
import { pendingChangeStatus } from '../enumerations';
import { SystemRecord } from '../system-record';
import { ApprovalDecision } from './approval-decision';

@object({
  kind: 'system',
  table: 'pending_change',
  plural: 'pendingChanges',
  description: 'A change set that waits for the agreement of others. Its values are sealed, and shown by field rights.',
  verbs: [],
  authenticated: true,
})
export class PendingChange extends SystemRecord {
  @field(pendingChangeStatus, { write: 'never', default: 'PENDING', description: 'Where the change stands.' })
  status!: string;

  @field(text(63, '^[A-Za-z][A-Za-z0-9]{0,62}$'), {
    write: 'never',
    description: 'The object of the first record that the change touches.',
  })
  objectName!: string;

  @field(text(500), { nullable: true, write: 'never', description: 'Why the maker asks for it.' })
  reason!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The person who asks for the change.' })
  maker!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The user by which they ask.' })
  makerUser!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The client through which they ask.' })
  makerClient!: string | null;

  @field(integer({ min: 1 }), {
    write: 'never',
    default: 1,
    description: 'Counts the times that the maker edited it. Signatures are for one revision.',
  })
  revision!: number;

  @field(integer({ min: 1, max: 9 }), {
    nullable: true,
    write: 'never',
    description: 'The level that waits to be signed; null when none does.',
  })
  level!: number | null;

  @field(timestamp, { nullable: true, write: 'never', description: 'Since when that level waits.' })
  levelSince!: Date | null;

  @field(timestamp, { nullable: true, write: 'never', description: 'When it expires unless it is signed.' })
  expiresAt!: Date | null;

  @field(timestamp, { nullable: true, write: 'never', description: 'Not to be applied before; null: at once.' })
  effectiveAt!: Date | null;

  @field(text(500), {
    nullable: true,
    write: 'never',
    description: 'Why nobody can sign it, why it was rejected, or why it could not be applied.',
  })
  outcome!: string | null;

  @toMany(() => ApprovalDecision, 'pendingChange', { description: 'Who decided what about it.' })
  decisions!: Relation<ApprovalDecision>[];
}
