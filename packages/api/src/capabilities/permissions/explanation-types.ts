import { JsonScalar } from '@countersign/schema';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DECISION_ACTIONS, type DecisionAction } from '../../path/decision-action';
import { SeeLevel } from '../identity';

/*
 * What explanations look like in GraphQL. Whatever tells about rules is null or empty for callers who may not read them.
 */

const DecisionActionEnum = Object.fromEntries(DECISION_ACTIONS.map((name) => [name, name])) as {
  [Name in DecisionAction]: Name;
};
registerEnumType(DecisionActionEnum, {
  name: 'DecisionAction',
  description: 'SEE, FILTER, SORT, AGGREGATE and CHANGE are about a field, the others about an object.',
});

enum DecisionVerdict {
  ALLOWED = 'ALLOWED',
  MASKED = 'MASKED',
  DENIED = 'DENIED',
}
registerEnumType(DecisionVerdict, { name: 'DecisionVerdict' });

enum RowScopeKind {
  ALWAYS = 'ALWAYS',
  NEVER = 'NEVER',
  ONLY_WHERE = 'ONLY_WHERE',
}
registerEnumType(RowScopeKind, {
  name: 'RowScopeKind',
  description: 'All records, none, or those that meet a condition.',
});

enum MissingKind {
  GRANT = 'GRANT',
  DENY = 'DENY',
  SCOPE = 'SCOPE',
}
registerEnumType(MissingKind, {
  name: 'MissingKind',
  description: 'No rule allows it, a rule denies it, or the token is narrowed below the roles.',
});

@InputType()
export class ExplainDecisionInput {
  @Field(() => String, { nullable: true, description: 'The `decisionId` of a refusal. Then give nothing else.' })
  decisionId?: string | null;

  @Field(() => String, { nullable: true })
  object?: string | null;

  @Field(() => String, { nullable: true })
  field?: string | null;

  @Field(() => DecisionActionEnum, { nullable: true, description: 'READ, or SEE with a field, when left out.' })
  action?: DecisionAction | null;

  @Field(() => ID, { nullable: true, description: 'One record.' })
  id?: string | null;

  @Field(() => ID, { nullable: true, description: 'Another user: for those who may read all rules.' })
  userId?: string | null;
}

@InputType()
export class ExplainOperationInput {
  @Field(() => String)
  document!: string;

  @Field(() => String, { nullable: true })
  operationName?: string | null;

  @Field(() => JsonScalar, { nullable: true })
  variables?: unknown;
}

@ObjectType()
export class DecidingRule {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  role!: string;

  @Field(() => String)
  object!: string;

  @Field(() => String, { nullable: true })
  field!: string | null;

  @Field(() => String)
  action!: string;

  @Field(() => String)
  effect!: string;
}

@ObjectType()
class MissingGrant {
  @Field(() => MissingKind, { nullable: true })
  kind!: string | null;

  @Field(() => String)
  object!: string;

  @Field(() => String, { nullable: true })
  field!: string | null;

  @Field(() => String)
  action!: string;
}

@ObjectType()
export class RowScopeExplanation {
  @Field(() => RowScopeKind)
  kind!: string;

  @Field(() => String)
  words!: string;

  @Field(() => String, { nullable: true, description: 'The condition on `t`, with placeholders for values.' })
  sql!: string | null;

  @Field(() => [String], { description: 'What each placeholder is bound to, by name.' })
  bound!: readonly string[];
}

@ObjectType()
class CellRuleExplanation {
  @Field(() => ID, { nullable: true, description: 'The CellRule record.' })
  id!: string | null;

  @Field(() => String, { nullable: true })
  role!: string | null;

  @Field(() => String, { description: 'The records in which the field is shown.' })
  words!: string;

  @Field(() => String, { nullable: true, description: 'The condition on `t`, with placeholders for values.' })
  sql!: string | null;

  @Field(() => [String], { description: 'What each placeholder is bound to, by name.' })
  bound!: readonly string[];
}

@ObjectType()
export class DecisionExplanation {
  @Field(() => DecisionVerdict)
  verdict!: string;

  @Field(() => String, { nullable: true, description: 'The code of the refusal that is explained.' })
  code!: string | null;

  @Field(() => String, { nullable: true })
  object!: string | null;

  @Field(() => String, { nullable: true })
  field!: string | null;

  @Field(() => DecisionActionEnum, { nullable: true })
  action!: DecisionAction | null;

  @Field(() => Int, { nullable: true })
  policyVersion!: number | null;

  @Field(() => DecidingRule, { nullable: true })
  decidingRule!: DecidingRule | null;

  @Field(() => MissingGrant, { nullable: true, description: 'What would have to be allowed.' })
  missing!: MissingGrant | null;

  @Field(() => [String], { description: 'Roles of which one more would be enough.' })
  grantingRoles!: readonly string[];

  @Field(() => RowScopeExplanation, { nullable: true })
  rowScope!: RowScopeExplanation | null;

  @Field(() => Boolean, { nullable: true, description: 'Null when no record was asked about.' })
  recordInScope!: boolean | null;

  @Field(() => [CellRuleExplanation], { description: 'Elsewhere than where all of them hold, the field is null.' })
  cellRules!: readonly CellRuleExplanation[];

  @Field(() => Boolean, {
    nullable: true,
    description: 'Null when no record, or no field under a rule, was asked about.',
  })
  cellShown!: boolean | null;

  @Field(() => String)
  remedy!: string;
}

@ObjectType()
export class ExplainedUse {
  @Field(() => String)
  coordinate!: string;

  @Field(() => String, { description: 'SELECT, FILTER, SORT and the like, or CREATE, UPDATE, DELETE, CHANGE.' })
  use!: string;

  @Field(() => SeeLevel, { nullable: true })
  see!: string | null;

  @Field(() => Boolean)
  allowed!: boolean;

  @Field(() => DecidingRule, { nullable: true })
  rule!: DecidingRule | null;

  @Field(() => String, { description: 'Which records, in words.' })
  scope!: string;

  @Field(() => String, { nullable: true, description: 'In which of them the field is shown; null: in all.' })
  cellRule!: string | null;
}

@ObjectType()
class ExplainedRefusal {
  @Field(() => String)
  code!: string;

  @Field(() => String)
  message!: string;

  @Field(() => String, { nullable: true })
  coordinate!: string | null;

  @Field(() => [String])
  selection!: readonly string[];
}

@ObjectType()
export class ExplainedRoot {
  @Field(() => [String], { description: 'Response keys down to it.' })
  place!: readonly string[];

  @Field(() => String, { description: 'READ, CHANGE, or VERB: a capability, which decides for itself.' })
  kind!: string;

  @Field(() => String, { nullable: true })
  object!: string | null;

  @Field(() => [ExplainedUse])
  decisions!: ExplainedUse[];

  @Field(() => [ExplainedRefusal])
  refusals!: readonly ExplainedRefusal[];
}

@ObjectType()
class ExplainedProblem {
  @Field(() => String)
  code!: string;

  @Field(() => String)
  message!: string;
}

@ObjectType()
export class OperationExplanation {
  @Field(() => Int)
  policyVersion!: number;

  @Field(() => [ExplainedProblem], { description: 'Why it would not run at all; empty when it would.' })
  problems!: ExplainedProblem[];

  @Field(() => [ExplainedRoot])
  roots!: ExplainedRoot[];
}
