import { JsonScalar } from '@countersign/schema';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

/* What the audit log looks like in GraphQL. Whatever a reader does not see of an entry is null. */

enum AuditOutcome {
  DONE = 'DONE',
  REFUSED = 'REFUSED',
}
registerEnumType(AuditOutcome, {
  name: 'AuditOutcome',
  description: 'What was done, or what was refused: denials and failed sign-ins.',
});

@InputType()
export class AuditSearchInput {
  @Field(() => String, { nullable: true, description: 'Needed by those who may not read all entries.' })
  object?: string | null;

  @Field(() => ID, { nullable: true })
  recordId?: string | null;

  @Field(() => String, { nullable: true, description: 'A field of `object`: entries that changed it.' })
  field?: string | null;

  @Field(() => ID, { nullable: true })
  personId?: string | null;

  @Field(() => ID, { nullable: true })
  userId?: string | null;

  @Field(() => ID, { nullable: true })
  clientId?: string | null;

  @Field(() => String, { nullable: true })
  requestId?: string | null;

  @Field(() => [String], { nullable: true, description: 'CREATE, UPDATE, DELETE, READ, DENIED and the like.' })
  actions?: string[] | null;

  @Field(() => AuditOutcome, { nullable: true })
  outcome?: AuditOutcome | null;

  @Field(() => String, { nullable: true, description: 'A public code, such as FIELD_FORBIDDEN.' })
  code?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Only what was done behind the back of the gateway, or not.' })
  outside?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Only what was done under break-glass, or not.' })
  breakGlass?: boolean | null;

  @Field(() => String, { nullable: true, description: 'RFC 3339; entries from then on.' })
  from?: string | null;

  @Field(() => String, { nullable: true, description: 'RFC 3339; entries before.' })
  until?: string | null;

  @Field(() => String, { nullable: true, description: 'Found in the reason, and in old and new values shown clear.' })
  text?: string | null;
}

@ObjectType({ description: 'The old and the new value of one field.' })
class AuditedChange {
  @Field(() => String)
  field!: string;

  @Field(() => JsonScalar, { nullable: true })
  before!: unknown;

  @Field(() => JsonScalar, { nullable: true })
  after!: unknown;

  @Field(() => String, { description: 'CLEAR or MASKED.' })
  see!: string;

  @Field(() => Boolean, { description: 'True where a value is not shown to you or can no longer be read.' })
  withheld!: boolean;
}

@ObjectType({ description: 'An entry of the audit log, as you may see it.' })
class AuditTrace {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: 'When it happened, RFC 3339.' })
  at!: string | null;

  @Field(() => String, { nullable: true })
  action!: string | null;

  @Field(() => String, { nullable: true })
  objectName!: string | null;

  @Field(() => ID, { nullable: true })
  recordId!: string | null;

  @Field(() => ID, { nullable: true })
  userId!: string | null;

  @Field(() => ID, { nullable: true })
  personId!: string | null;

  @Field(() => ID, { nullable: true })
  clientId!: string | null;

  @Field(() => String, { nullable: true })
  sessionId!: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The user in whose stead it was done; for a signature, the absent person.',
  })
  onBehalfOf!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'True when rights lent for an emergency were in force.' })
  breakGlass!: boolean | null;

  @Field(() => String, { nullable: true })
  requestId!: string | null;

  @Field(() => Int, { nullable: true })
  policyVersion!: number | null;

  @Field(() => Boolean, { nullable: true })
  outside!: boolean | null;

  @Field(() => String, { nullable: true })
  reason!: string | null;

  @Field(() => String, { nullable: true })
  code!: string | null;

  @Field(() => [AuditedChange])
  changes!: AuditedChange[];

  @Field(() => JsonScalar, { nullable: true, description: 'What is told of an event that is no change.' })
  facts!: unknown;
}

@ObjectType()
export class AuditTracePage {
  @Field(() => [AuditTrace])
  nodes!: AuditTrace[];

  @Field(() => String, { nullable: true })
  endCursor!: string | null;

  @Field(() => Boolean)
  hasNextPage!: boolean;
}

@ObjectType({ description: 'One reading of protected fields of a record.' })
class AuditReading {
  @Field(() => String, { nullable: true })
  at!: string | null;

  @Field(() => ID, { nullable: true })
  userId!: string | null;

  @Field(() => ID, { nullable: true })
  personId!: string | null;

  @Field(() => ID, { nullable: true })
  clientId!: string | null;

  @Field(() => String, { nullable: true })
  sessionId!: string | null;

  @Field(() => String, { nullable: true })
  requestId!: string | null;

  @Field(() => String, { nullable: true })
  reason!: string | null;

  @Field(() => [String], { description: 'Fields of the record that were shown or used.' })
  fields!: string[];
}

@ObjectType()
export class AuditReadingPage {
  @Field(() => [AuditReading])
  nodes!: AuditReading[];

  @Field(() => String, { nullable: true })
  endCursor!: string | null;

  @Field(() => Boolean)
  hasNextPage!: boolean;
}
