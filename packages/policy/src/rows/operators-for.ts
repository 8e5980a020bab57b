import type { FieldType } from '@countersign/schema';
import type { CompareOperator } from './condition';

export type ConditionOperator = CompareOperator | 'isNull';

const ORDERED: readonly ConditionOperator[] = ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'isNull'];
const IDENTITY: readonly ConditionOperator[] = ['eq', 'ne', 'in', 'isNull'];

const OPERATORS: Readonly<Record<FieldType['kind'], readonly ConditionOperator[]>> = {
  uuid: IDENTITY,
  text: ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'contains', 'startsWith', 'isNull'],
  integer: ORDERED,
  decimal: ORDERED,
  date: ORDERED,
  timestamp: ORDERED,
  boolean: ['eq', 'ne', 'isNull'],
  enum: IDENTITY,
  json: ['isNull'],
};

/** The operators that conditions have for fields of this type: the one table behind GraphQL filter inputs and parsing. */
export function operatorsFor(type: FieldType): readonly ConditionOperator[] {
  return OPERATORS[type.kind];
}

/** Keys of a condition that are not member names. A member of such a name cannot be filtered by. */
export const CONDITION_WORDS: readonly string[] = ['and', 'or', 'not', 'isNull'];
