import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum ImpactKind {
  FIGURES = 'FIGURES',
  TOO_MANY = 'TOO_MANY',
  NOT_POSSIBLE = 'NOT_POSSIBLE',
}
registerEnumType(ImpactKind, {
  name: 'ImpactKind',
  description:
    'Whether there are figures; too many records for one look, or a set that cannot be carried out, has none.',
});

@ObjectType()
export class NextInvoiceDelta {
  @Field(() => String)
  currency!: string;

  @Field(() => String, { description: 'What the next invoices come to as things are, before tax. A decimal.' })
  before!: string;

  @Field(() => String, { description: 'What they would come to.' })
  after!: string;

  @Field(() => String, { description: 'After less before.' })
  delta!: string;
}

@ObjectType()
export class HiddenImpact {
  @Field(() => Int)
  subscriptions!: number;

  @Field(() => [NextInvoiceDelta], { nullable: true })
  nextInvoices!: readonly NextInvoiceDelta[] | null;
}

@ObjectType()
export class PendingChangeImpact {
  @Field(() => ImpactKind)
  kind!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The day whose prices and rates are compared: the first on which all of it tells.',
  })
  day!: string | null;

  @Field(() => Int, { nullable: true, description: 'Subscriptions whose next invoice is computed from what changes.' })
  subscriptions!: number | null;

  @Field(() => Int, { nullable: true, description: 'Contracts of those subscriptions.' })
  contracts!: number | null;

  @Field(() => Int, { nullable: true, description: 'Accounts of those subscriptions.' })
  accounts!: number | null;

  @Field(() => [NextInvoiceDelta], {
    nullable: true,
    description: 'The next invoices of those subscriptions, together.',
  })
  nextInvoices!: readonly NextInvoiceDelta[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Subscriptions among them whose price does not say what they come to; they are in no sum.',
  })
  notTold!: number | null;

  @Field(() => [String], { description: 'Fields that you do not see in the clear, because of which figures are null.' })
  withheld!: readonly string[];

  @Field(() => HiddenImpact, {
    nullable: true,
    description:
      'What is affected besides, in records that you may not read; only where every rule lets its checkers know.',
  })
  hidden!: HiddenImpact | null;
}
