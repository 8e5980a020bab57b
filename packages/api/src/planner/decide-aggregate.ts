import type { Condition, RowScope } from '@countersign/policy';
import { Fault } from '../path/faults';
import type { AggregatePlan, GroupKey, Measure } from './aggregate-plan';
import type { Decision } from './read-plan';

/** What deciding an aggregate needs of the decider of the plan that it is a part of. */
export interface AroundDecision {
  /** Throws FIELD_FORBIDDEN. */
  requireClear(object: string, member: string, use: Exclude<Decision['use'], 'select'>): void;
  /** Puts the scope of a step's target into the map. Throws FORBIDDEN. */
  stepTo(target: string, scopes: Map<string, RowScope>): void;
  condition(object: string, condition: Condition, scopes: Map<string, RowScope>): void;
}

/**
 * Decides an aggregate: whatever it filters, groups, works out, compares or sorts by has to be clear, or the root field is
 * refused. What a parent holds is read under the parent's row scope.
 */
export function decideAggregate(around: AroundDecision, plan: AggregatePlan, scope: RowScope): AggregatePlan {
  const stepScopes = new Map<string, RowScope>();
  if (plan.where) around.condition(plan.object, plan.where, stepScopes);
  for (const key of plan.keys) decideKey(around, plan.object, key, 'group', stepScopes);
  for (const measure of plan.measures) decideMeasure(around, plan.object, measure, stepScopes);
  for (const { by, index } of plan.orderBy) {
    if (by === 'key') decideKey(around, plan.object, plan.keys[index]!, 'sort', stepScopes);
  }
  return { ...plan, scope, stepScopes };
}

function decideKey(
  around: AroundDecision,
  object: string,
  { relation, field }: GroupKey,
  use: 'group' | 'sort',
  scopes: Map<string, RowScope>,
): void {
  if (!relation) {
    around.requireClear(object, field.name, use);
    return;
  }
  around.requireClear(object, relation.name, use);
  around.stepTo(relation.target, scopes);
  around.requireClear(relation.target, field.name, use);
}

function decideMeasure(around: AroundDecision, object: string, measure: Measure, scopes: Map<string, RowScope>): void {
  if (measure.of === 'count') return;
  if (measure.uses.length === 0) throw new Fault('INTERNAL', { inside: 'a figure that nobody asked for' });
  for (const use of measure.uses) around.requireClear(object, measure.member.name, use);
  // Which parents there are depends on which of them the caller may see.
  if (measure.member.kind === 'to-one') around.stepTo(measure.member.target, scopes);
}
