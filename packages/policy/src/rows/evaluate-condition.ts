import { type Catalogue, type FieldType, memberOf, objectOf } from '@countersign/schema';
import { compareValues } from './compare-values';
import type { Condition, Operand, PrincipalValues, RowScope } from './condition';
import { foldTruths, oppositeTruth, type Truth } from './truth';

export type { Truth } from './truth';

/**
 * One record by member name: text, dates, uuids and decimals as strings, timestamps as ISO strings or Date, integers as
 * numbers. A to-one relation holds the id that it refers to, or null. A value that is missing altogether is unknown.
 */
export type ConditionRecord = Readonly<Record<string, unknown>>;

export interface EvaluationContext {
  readonly catalogue: Catalogue;
  /** The object that the record belongs to. */
  readonly object: string;
  readonly principal: PrincipalValues;
  /** The value of a request slot; conditions without slots need none. */
  readonly request?: (slot: unknown) => unknown;
  /**
   * What a relation leads to: for to-one the parent, or null when there is none or it is hidden; for to-many the
   * visible children. `object` and `record` are those at the foot of the step, not those that evaluation began with.
   */
  readonly related: (
    object: string,
    record: ConditionRecord,
    relation: string,
  ) => ConditionRecord | null | readonly ConditionRecord[];
}

/**
 * Decides a condition for one record in memory, with the answers that the printed SQL gives: three-valued, texts by
 * their UTF-8 bytes, decimals exactly. Throws for a condition that does not fit the catalogue or a value that does not
 * fit its field's type; approval triggers take that as held.
 */
export function evaluateCondition(condition: Condition, record: ConditionRecord, ctx: EvaluationContext): Truth {
  switch (condition.kind) {
    case 'constant':
      return condition.value;
    case 'all':
      return foldTruths(condition.of, false, (part) => evaluateCondition(part, record, ctx));
    case 'any':
      return foldTruths(condition.of, true, (part) => evaluateCondition(part, record, ctx));
    case 'not':
      return oppositeTruth(evaluateCondition(condition.of, record, ctx));
    case 'isNull':
      return evaluateNullness(condition, record, ctx);
    case 'compare':
      return evaluateComparison(condition, record, ctx);
    case 'step':
      return evaluateStep(condition, record, ctx);
  }
}

/** Whether a record lies in a row scope. Unknown means no. */
export function scopeAdmits(scope: RowScope, record: ConditionRecord, ctx: EvaluationContext): boolean {
  if (scope.kind !== 'only-where') return scope.kind === 'always';
  return evaluateCondition(scope.condition, record, ctx) === true;
}

function evaluateNullness(
  condition: Condition & { kind: 'isNull' },
  record: ConditionRecord,
  ctx: EvaluationContext,
): Truth {
  const member = memberOf(objectOf(ctx.catalogue, ctx.object), condition.field);
  if (!member || member.kind === 'to-many') throw new Error(`${ctx.object}.${condition.field} cannot be null`);
  const wanted = operandValue(condition.operand, ctx);
  const value = record[condition.field];
  if (value === undefined || wanted === null) return null;
  // A parent that is hidden looks like one that is not there.
  const isNull = value === null || (member.kind === 'to-one' && ctx.related(ctx.object, record, member.name) === null);
  return isNull === wanted;
}

function evaluateComparison(
  condition: Condition & { kind: 'compare' },
  record: ConditionRecord,
  ctx: EvaluationContext,
): Truth {
  const member = memberOf(objectOf(ctx.catalogue, ctx.object), condition.field);
  if (member?.kind !== 'field') throw new Error(`${ctx.object} has no field ${condition.field}`);
  const operand = operandValue(condition.operand, ctx);
  const value = record[condition.field] ?? null;
  if (condition.operator !== 'in') return compareOne(member.type, condition.operator, value, operand);
  if (operand === null) return null;
  if (!Array.isArray(operand)) throw new Error(`${ctx.object}.${condition.field} in: the operand is not a list`);
  let result: Truth = false;
  for (const element of operand) {
    const truth = compareOne(member.type, 'eq', value, element ?? null);
    if (truth === true) return true;
    if (truth === null) result = null;
  }
  return result;
}

type SingleOperator = Exclude<(Condition & { kind: 'compare' })['operator'], 'in'>;

function compareOne(type: FieldType, operator: SingleOperator, value: unknown, operand: unknown): Truth {
  if (value === null || operand === null) return null;
  switch (operator) {
    case 'eq':
      return compareValues(type, value, operand) === 0;
    case 'ne':
      return compareValues(type, value, operand) !== 0;
    case 'lt':
      return compareValues(type, value, operand) < 0;
    case 'lte':
      return compareValues(type, value, operand) <= 0;
    case 'gt':
      return compareValues(type, value, operand) > 0;
    case 'gte':
      return compareValues(type, value, operand) >= 0;
    case 'contains':
      return String(value).includes(String(operand));
    case 'startsWith':
      return String(value).startsWith(String(operand));
  }
}

function evaluateStep(condition: Condition & { kind: 'step' }, record: ConditionRecord, ctx: EvaluationContext): Truth {
  const relation = memberOf(objectOf(ctx.catalogue, ctx.object), condition.relation);
  if (!relation || relation.kind === 'field') throw new Error(`${ctx.object} has no relation ${condition.relation}`);
  if ((relation.kind === 'to-one') !== (condition.quantifier === 'one')) {
    throw new Error(`${ctx.object}.${relation.name} cannot be stepped through by ${condition.quantifier}`);
  }
  const inner: EvaluationContext = { ...ctx, object: relation.target };
  const found = ctx.related(ctx.object, record, relation.name);
  if (condition.quantifier === 'one') {
    return found === null ? null : evaluateCondition(condition.of, found as ConditionRecord, inner);
  }
  const some = (found as readonly ConditionRecord[]).some(
    (child) => evaluateCondition(condition.of, child, inner) === true,
  );
  return condition.quantifier === 'some' ? some : !some;
}

function operandValue(operand: Operand, ctx: EvaluationContext): unknown {
  if (operand.from === 'literal') return operand.value;
  if (operand.from === 'principal') return ctx.principal[operand.name] ?? null;
  if (!ctx.request) throw new Error('The condition asks for a value of the request, and there is no request');
  return ctx.request(operand.slot) ?? null;
}
