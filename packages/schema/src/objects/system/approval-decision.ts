import type { Relation } from 'typeorm';
import { field, integer, object, text, toOne, uuid } from '../../catalogue/decorators';
import { decisionKind } from '../enumerations';
import { SystemRecord } from '../system-record';
import { PendingChange } from './pending-change';

@object({
  kind: 'system',
  table: 'approval_decision',
  plural: 'approvalDecisions',
  description: 'What somebody decided, or said, about a pending change. Decisions are never changed.',
  verbs: [],
  authenticated: true,
})
export class ApprovalDecision extends SystemRecord {
  @toOne(() => PendingChange, { write: 'never', inverse: 'decisions', description: 'What it is about.' })
  pendingChange!: Relation<PendingChange>;

  @field(integer({ min: 1 }), { write: 'never', description: 'The revision of the change that it is about.' })
  revision!: number;

  @field(decisionKind, { write: 'never', description: 'What was decided.' })
  kind!: string;

  @field(integer({ min: 1, max: 9 }), { nullable: true, write: 'never', description: 'The level that was signed.' })
  level!: number | null;

  @field(uuid, { write: 'never', description: 'The person who decided.' })
  person!: string;

  @field(uuid, { write: 'never', description: 'The user by which they did.' })
  userId!: string;

  @field(uuid, { nullable: true, write: 'never', description: 'The absent person for whom they signed.' })
  onBehalfOf!: string | null;

  @field(text(1000), { nullable: true, write: 'never', description: 'What they said about it.' })
  comment!: string | null;

  @field(text(64), { nullable: true, write: 'never', description: 'The digest of exactly what they saw.' })
  digest!: string | null;
}
