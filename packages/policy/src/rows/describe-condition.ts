import { type Catalogue, type CatalogueObject, memberOf, objectOf } from '@countersign/schema';
import type { CompareOperator, Condition, Operand, RowScope } from './condition';

/**
 * A condition in plain English: `region is EMEA and its account has segment ENTERPRISE`. For people to read, never to
 * be parsed. It prints literals, so it is shown only to those who may read the policy.
 */
export function describeCondition(catalogue: Catalogue, objectName: string, condition: Condition): string {
  return describe(catalogue, objectOf(catalogue, objectName), condition);
}

/** A row scope in plain English. */
export function describeScope(catalogue: Catalogue, objectName: string, scope: RowScope): string {
  if (scope.kind === 'always') return 'every record';
  if (scope.kind === 'never') return 'no record';
  return `records where ${describeCondition(catalogue, objectName, scope.condition)}`;
}

function describe(catalogue: Catalogue, object: CatalogueObject, condition: Condition): string {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? 'always' : 'never';
    case 'all':
    case 'any': {
      const parts = condition.of.map((part) => {
        const text = describe(catalogue, object, part);
        return isJoined(part) ? `(${text})` : text;
      });
      if (parts.length === 0) return condition.kind === 'all' ? 'always' : 'never';
      return parts.join(condition.kind === 'all' ? ' and ' : ' or ');
    }
    case 'not':
      return `not (${describe(catalogue, object, condition.of)})`;
    case 'compare':
      return `${condition.field} ${verbOf(condition.operator)} ${operandText(condition.operand)}`;
    case 'isNull':
      return nullness(condition);
    case 'step':
      return step(catalogue, object, condition);
  }
}

function step(catalogue: Catalogue, object: CatalogueObject, condition: Condition & { kind: 'step' }): string {
  const relation = memberOf(object, condition.relation);
  if (!relation || relation.kind === 'field') throw new Error(`${object.name} has no relation ${condition.relation}`);
  const inner = condition.of;
  const who = {
    one: `its ${relation.name}`,
    some: `one of its ${relation.name}`,
    none: `none of its ${relation.name}`,
  };
  if (inner.kind === 'constant' && inner.value) {
    if (condition.quantifier === 'one') return `it has a known ${relation.name}`;
    return condition.quantifier === 'some' ? `it has ${relation.name}` : `it has no ${relation.name}`;
  }
  const text = describe(catalogue, objectOf(catalogue, relation.target), inner);
  if (inner.kind === 'compare' && (inner.operator === 'eq' || inner.operator === 'in')) {
    const value = inner.operator === 'in' ? `among ${operandText(inner.operand)}` : operandText(inner.operand);
    return `${who[condition.quantifier]} has ${inner.field} ${value}`;
  }
  return `for ${who[condition.quantifier]}, ${isJoined(inner) ? `(${text})` : text}`;
}

function isJoined(condition: Condition): boolean {
  return (condition.kind === 'all' || condition.kind === 'any') && condition.of.length > 1;
}

function nullness(condition: Condition & { kind: 'isNull' }): string {
  if (condition.operand.from !== 'literal')
    return `whether ${condition.field} is empty is ${operandText(condition.operand)}`;
  return condition.operand.value === true ? `${condition.field} is empty` : `${condition.field} is not empty`;
}

function verbOf(operator: CompareOperator): string {
  switch (operator) {
    case 'eq':
      return 'is';
    case 'ne':
      return 'is not';
    case 'in':
      return 'is one of';
    case 'lt':
      return 'is below';
    case 'lte':
      return 'is at most';
    case 'gt':
      return 'is above';
    case 'gte':
      return 'is at least';
    case 'contains':
      return 'contains';
    case 'startsWith':
      return 'starts with';
  }
}

/** Names, codes and numbers stand bare; anything that could be mistaken for the sentence around it is quoted. */
const BARE = /^[\p{L}\p{N}_.:@-]+$/u;

function operandText(operand: Operand): string {
  if (operand.from === 'principal') return `the principal's ${operand.name}`;
  if (operand.from === 'request') return 'the value given with the request';
  const texts = (Array.isArray(operand.value) ? operand.value : [operand.value]).map((value) => {
    const text = String(value);
    return BARE.test(text) ? text : JSON.stringify(text);
  });
  return texts.length === 0 ? 'nothing' : texts.join(', ');
}
