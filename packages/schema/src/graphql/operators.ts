import type { FieldType } from '../catalogue/catalogue';

/** Every comparison that a filter may name. `in` takes a list, `isNull` a boolean, the others one value. */
export type FilterOperator = 'eq' | 'ne' | 'in' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'startsWith' | 'isNull';

/** The comparisons of a type: the one table behind GraphQL filter inputs and the condition language. */
export function operatorsFor(type: FieldType): readonly FilterOperator[] {
  switch (type.kind) {
    case 'uuid':
    case 'enum':
      return ['eq', 'ne', 'in', 'isNull'];
    case 'text':
      return ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'contains', 'startsWith', 'isNull'];
    case 'integer':
    case 'decimal':
    case 'date':
    case 'timestamp':
      return ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'isNull'];
    case 'boolean':
      return ['eq', 'ne', 'isNull'];
    case 'json':
      return ['isNull'];
  }
}
