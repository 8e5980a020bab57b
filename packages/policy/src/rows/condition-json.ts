import type { Condition, Operand } from './condition';

/**
 * The JSON form of a condition, such that parsing it (with principal values allowed) gives an equal condition again.
 * Throws for a condition with request values: those live only as long as a request.
 */
export function conditionJson(condition: Condition): Record<string, unknown> {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? {} : { or: [] };
    case 'all':
      return { and: condition.of.map(conditionJson) };
    case 'any':
      return { or: condition.of.map(conditionJson) };
    case 'not':
      return { not: conditionJson(condition.of) };
    case 'compare':
      return { [condition.field]: { [condition.operator]: operandJson(condition.operand) } };
    case 'isNull':
      return { [condition.field]: { isNull: operandJson(condition.operand) } };
    case 'step': {
      const inner = conditionJson(condition.of);
      return { [condition.relation]: condition.quantifier === 'one' ? inner : { [condition.quantifier]: inner } };
    }
  }
}

function operandJson(operand: Operand): unknown {
  if (operand.from === 'literal') return operand.value;
  if (operand.from === 'principal') return `$principal.${operand.name}`;
  throw new Error('A condition with values of a request has no JSON form');
}
