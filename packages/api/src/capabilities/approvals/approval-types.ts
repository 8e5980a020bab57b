import { JsonScalar } from '@countersign/schema';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { SeeLevel } from '../identity';

export enum PendingBoxEnum {
  MINE_TO_DECIDE = 'MINE_TO_DECIDE',
  MINE_WAITING = 'MINE_WAITING',
  ALL = 'ALL',
}
registerEnumType(PendingBoxEnum, {
  name: 'PendingBox',
  description: 'What waits for your signature, what you asked for yourself, or everything that you may look at.',
});

@InputType()
export class DecideInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'The digest of what you saw.' })
  digest!: string;

  @Field(() => String, { nullable: true })
  comment?: string | null;

  @Field(() => ID, { nullable: true, description: 'The absent person who has asked you to sign for them.' })
  onBehalfOf?: string | null;
}

@InputType()
export class CommentInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  comment!: string;
}

@InputType()
export class WithdrawInput {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@ObjectType()
export class DecisionPayload {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: 'PENDING, APPROVED, REJECTED, WITHDRAWN, EXPIRED, CONFLICTED or APPLIED.' })
  status!: string;

  @Field(() => String, { nullable: true, description: 'Why it ended so, or why nobody can sign it yet.' })
  outcome!: string | null;
}

@ObjectType()
export class PendingChangeSummary {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  status!: string;

  @Field(() => String, { description: 'The object of the first record that it touches.' })
  objectName!: string;

  @Field(() => ID, { nullable: true, description: 'The person who asks.' })
  maker!: string | null;

  @Field(() => String, { nullable: true })
  reason!: string | null;

  @Field(() => String)
  submittedAt!: string;

  @Field(() => String, { nullable: true })
  expiresAt!: string | null;

  @Field(() => String, { nullable: true })
  effectiveAt!: string | null;

  @Field(() => String, { nullable: true })
  outcome!: string | null;

  @Field(() => [String], { description: 'What is missing, in words.' })
  waitingFor!: readonly string[];
}

@ObjectType()
export class PendingChangeUpdate {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: 'False: it is not in the box any more.' })
  inBox!: boolean;

  @Field(() => String, { nullable: true, description: 'Where it stands now, if you may still look at it.' })
  status!: string | null;

  @Field(() => PendingChangeSummary, { nullable: true, description: 'The change, while it is in the box.' })
  change!: PendingChangeSummary | null;
}

@ObjectType()
export class PendingField {
  @Field(() => String)
  name!: string;

  @Field(() => SeeLevel, { description: 'How much of it you see. Values are shown only in the clear.' })
  see!: SeeLevel;

  @Field(() => JsonScalar, { nullable: true, description: 'What the maker found.' })
  old!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: 'What they ask for.' })
  proposed!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: 'What is there now.' })
  current!: unknown;
}

@ObjectType()
export class PendingItemView {
  @Field(() => String, { nullable: true, description: 'Null for a record that you may not read.' })
  object!: string | null;

  @Field(() => String, { description: 'CREATE, UPDATE or DELETE.' })
  action!: string;

  @Field(() => ID, { nullable: true })
  recordId!: string | null;

  @Field(() => [PendingField])
  fields!: PendingField[];
}

@ObjectType()
export class PendingRequirement {
  @Field(() => String, { description: 'The rule that asks for it.' })
  rule!: string;

  @Field(() => Int)
  level!: number;

  @Field(() => Int, { description: 'How many people it takes.' })
  needed!: number;

  @Field(() => Int, { description: 'How many of them have signed.' })
  given!: number;

  @Field(() => Boolean)
  complete!: boolean;
}

@ObjectType()
export class PendingDecision {
  @Field(() => String, { description: 'APPROVE, REJECT or COMMENT.' })
  kind!: string;

  @Field(() => ID, { description: 'The person.' })
  person!: string;

  @Field(() => ID, { nullable: true })
  onBehalfOf!: string | null;

  @Field(() => Int, { nullable: true })
  level!: number | null;

  @Field(() => Int, { description: 'The revision that it is about; signatures on older ones are void.' })
  revision!: number;

  @Field(() => String, { nullable: true })
  comment!: string | null;

  @Field(() => String)
  at!: string;
}

@ObjectType()
export class PendingChangeView extends PendingChangeSummary {
  @Field(() => Int)
  revision!: number;

  @Field(() => String, { description: 'Names exactly what is shown here. A signature repeats it.' })
  digest!: string;

  @Field(() => [PendingItemView])
  items!: PendingItemView[];

  @Field(() => [PendingRequirement])
  requirements!: PendingRequirement[];

  @Field(() => [PendingDecision])
  decisions!: PendingDecision[];
}
