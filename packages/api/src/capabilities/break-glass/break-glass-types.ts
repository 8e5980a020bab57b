import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum GrantBoxEnum {
  MINE = 'MINE',
  TO_REVIEW = 'TO_REVIEW',
}
registerEnumType(GrantBoxEnum, {
  name: 'BreakGlassBox',
  description: 'What was lent to yourself, or what waits for your review.',
});

@InputType()
export class OpenBreakGlassInput {
  @Field(() => ID, { description: 'What was named for you beforehand.' })
  eligibility!: string;

  @Field(() => Int, { description: 'For how long; no longer than the eligibility says.' })
  minutes!: number;

  @Field(() => String, { description: 'Why. The people who review it read this.' })
  reason!: string;
}

@InputType()
export class ReviewBreakGlassInput {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: 'Whether it was right to take these rights, and what was done with them.' })
  justified!: boolean;

  @Field(() => String, { description: 'What you found.' })
  finding!: string;
}

@ObjectType({ description: 'Rights that you may take in an emergency.' })
export class BreakGlassOffer {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true, description: 'The role that is lent.' })
  role!: string | null;

  @Field(() => String, { nullable: true, description: 'The sharing group that is lent.' })
  group!: string | null;

  @Field(() => Int)
  longestMinutes!: number;

  @Field(() => String, { nullable: true, description: 'Holders of this role review it.' })
  reviewerRole!: string | null;

  @Field(() => String, { nullable: true })
  purpose!: string | null;
}

@ObjectType({ description: 'Rights that were lent, and where that stands.' })
export class BreakGlassView {
  @Field(() => ID)
  id!: string;

  @Field(() => ID, { description: 'The person who took them.' })
  person!: string;

  @Field(() => String, { nullable: true, description: 'The role that was lent.' })
  role!: string | null;

  @Field(() => String, { nullable: true, description: 'The sharing group that was lent.' })
  group!: string | null;

  @Field(() => String, { description: 'OPEN, ENDED or REVIEWED.' })
  status!: string;

  @Field(() => Boolean, { description: 'Whether they count at this moment, for the user and session that took them.' })
  inForce!: boolean;

  @Field(() => String)
  reason!: string;

  @Field(() => String)
  opensAt!: string;

  @Field(() => String)
  endsAt!: string;

  @Field(() => String, { nullable: true })
  endedAt!: string | null;

  @Field(() => Boolean, { nullable: true })
  justified!: boolean | null;

  @Field(() => String, { nullable: true })
  finding!: string | null;
}
