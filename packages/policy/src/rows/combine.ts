import type { Condition, RowScope } from './condition';

export const ALWAYS_TRUE: Condition = Object.freeze({ kind: 'constant', value: true });
export const ALWAYS_FALSE: Condition = Object.freeze({ kind: 'constant', value: false });

/*
 * Every folding below holds for unknown as well (Kleene's logic): no folding may turn an unknown into a yes.
 * A step is never folded, even over a constant: `account: {}` still asks for an account.
 */

/** True where every condition is. Flattens nested `all` and drops `true`; one `false` makes it `false`. */
export function all(conditions: readonly Condition[]): Condition {
  return join('all', conditions);
}

/** True where some condition is. Flattens nested `any` and drops `false`; one `true` makes it `true`. */
export function any(conditions: readonly Condition[]): Condition {
  return join('any', conditions);
}

/** The opposite; unknown stays unknown. */
export function not(condition: Condition): Condition {
  if (condition.kind === 'constant') return condition.value ? ALWAYS_FALSE : ALWAYS_TRUE;
  if (condition.kind === 'not') return condition.of;
  return { kind: 'not', of: condition };
}

function join(kind: 'all' | 'any', conditions: readonly Condition[]): Condition {
  const absorbing = kind === 'any';
  const of: Condition[] = [];
  for (const condition of conditions.flatMap((c) => (c.kind === kind ? c.of : [c]))) {
    if (condition.kind === 'constant') {
      if (condition.value === absorbing) return condition;
      continue;
    }
    of.push(condition);
  }
  if (of.length === 0) return absorbing ? ALWAYS_FALSE : ALWAYS_TRUE;
  return of.length === 1 ? of[0]! : { kind, of };
}

/**
 * A text that is equal for conditions of equal structure, whatever object they were made by: fit for digests and for
 * cache keys. Operands appear as they are, so it holds the names of principal values and never the values themselves.
 * Request slots must be values that JSON can tell apart.
 */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'constant':
      return String(condition.value);
    case 'all':
    case 'any':
      return `${condition.kind}(${condition.of.map(conditionText).join(',')})`;
    case 'not':
      return `not(${conditionText(condition.of)})`;
    case 'compare': {
      const { field, operator, operand } = condition;
      return `${field} ${operator} ${operandText(operand)}`;
    }
    case 'isNull':
      return `${condition.field} isNull ${operandText(condition.operand)}`;
    case 'step':
      return `${condition.relation} ${condition.quantifier}(${conditionText(condition.of)})`;
  }
}

function operandText(operand: Extract<Condition, { kind: 'compare' }>['operand']): string {
  if (operand.from === 'literal') return `literal ${JSON.stringify(operand.value)}`;
  if (operand.from === 'principal') return `principal ${operand.name}`;
  return `request ${JSON.stringify(operand.slot)}`;
}

/** A row scope as text; equal scopes give equal text. */
export function scopeText(scope: RowScope): string {
  return scope.kind === 'only-where' ? conditionText(scope.condition) : scope.kind;
}

/** The scope that a condition describes. */
export function scopeOf(condition: Condition): RowScope {
  if (condition.kind === 'constant') return { kind: condition.value ? 'always' : 'never' };
  return { kind: 'only-where', condition };
}

/**
 * The records that lie in every scope: a client acting for a user touches only what both may touch.
 * No scope at all is `never`: doing nothing means no.
 */
export function intersectScopes(...scopes: readonly RowScope[]): RowScope {
  if (scopes.length === 0 || scopes.some((scope) => scope.kind === 'never')) return { kind: 'never' };
  return scopeOf(all(distinct(scopes.flatMap((scope) => (scope.kind === 'only-where' ? [scope.condition] : [])))));
}

/** Conditions of equal text, once each. Only for conditions without request slots, whose texts need not differ. */
export function distinct(conditions: readonly Condition[]): Condition[] {
  return [...new Map(conditions.map((condition) => [conditionText(condition), condition])).values()];
}
