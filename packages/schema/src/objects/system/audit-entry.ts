import { boolean, field, integer, json, object, text, timestamp, uuid } from '../../catalogue/decorators';
import { auditAction } from '../enumerations';
import { SystemRecord } from '../system-record';

@object({
  kind: 'system',
  table: 'audit_record',
  plural: 'auditEntries',
  description: 'The trace of one change, sign-in, denial or protected read. Entries are never changed.',
  verbs: [],
})
export class AuditEntry extends SystemRecord {
  @field(timestamp, { write: 'never', description: 'When it happened.' })
  at!: Date;

  @field(auditAction, { write: 'never', description: 'What happened.' })
  action!: string;

  @field(text(63), { nullable: true, write: 'never', description: 'The object it happened to.' })
  objectName!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The record it happened to.' })
  recordId!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The user who did it.' })
  userId!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The person who did it.' })
  personId!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The client through which it was done.' })
  clientId!: string | null;

  @field(text(120), { nullable: true, write: 'never', description: 'The session in which it was done.' })
  sessionId!: string | null;

  @field(uuid, {
    nullable: true,
    write: 'never',
    description: 'The user in whose stead it was done; for a signature, the absent person.',
  })
  onBehalfOf!: string | null;

  @field(boolean, {
    write: 'never',
    description: 'True when rights that were lent for an emergency were in force.',
  })
  breakGlass!: boolean;

  @field(text(40), {
    nullable: true,
    write: 'never',
    description: 'The public code that it ended with; null for what was done.',
  })
  code!: string | null;

  @field(text(120), { nullable: true, write: 'never', description: 'The request in which it was done.' })
  requestId!: string | null;

  @field(integer({ min: 0 }), {
    nullable: true,
    write: 'never',
    description: 'The policy version under which it was decided.',
  })
  policyVersion!: number | null;

  @field(boolean, {
    write: 'never',
    description: 'True when the change was made in the database, behind the back of the gateway.',
  })
  outside!: boolean;

  @field(text(500), { nullable: true, write: 'never', description: 'Why it was done or refused.' })
  reason!: string | null;

  @field(json, {
    nullable: true,
    write: 'never',
    tags: ['confidential'],
    description: 'The old and the new value of each changed field: {field: [old, new]}.',
  })
  changes!: unknown;
}
