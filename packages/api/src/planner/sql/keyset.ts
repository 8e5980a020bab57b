import type { SortKey } from '../read-plan';

/**
 * The records that come strictly after (or before) a key in an order with nullable columns. ASC puts NULL last and DESC
 * first, so that each order is the exact reverse of the other.
 */
export function beyondKey(
  orderBy: readonly SortKey[],
  alias: string,
  keyValues: readonly string[],
  side: 'after' | 'before',
): string {
  const clauses: string[] = [];
  orderBy.forEach((_, last) => {
    const parts = orderBy.slice(0, last).map((key, i) => sameValue(key, `${alias}.${key.field.column}`, keyValues[i]!));
    const key = orderBy[last]!;
    const ascending = (key.direction === 'ASC') === (side === 'after');
    parts.push(beyondValue(key, `${alias}.${key.field.column}`, keyValues[last]!, ascending));
    clauses.push(parts.length > 1 ? `(${parts.join(' and ')})` : parts[0]!);
  });
  const first = orderBy[0]!;
  // The first column alone bounds the range: an index on it can start there.
  if (orderBy.length > 1 && !first.field.nullable) {
    const ascending = (first.direction === 'ASC') === (side === 'after');
    return `(${alias}.${first.field.column}${ascending ? '>=' : '<='}${keyValues[0]!} and (${clauses.join(' or ')}))`;
  }
  return `(${clauses.join(' or ')})`;
}

function sameValue(key: SortKey, column: string, value: string): string {
  return key.field.nullable ? `${column} is not distinct from ${value}` : `${column}=${value}`;
}

function beyondValue(key: SortKey, column: string, value: string, ascending: boolean): string {
  if (!key.field.nullable) return `${column}${ascending ? '>' : '<'}${value}`;
  return ascending
    ? `(${column}>${value} or (${column} is null and ${value} is not null))`
    : `(${column}<${value} or (${value} is null and ${column} is not null))`;
}

/** `t.issued_on desc,t.id desc`, or its exact reverse. */
export function orderText(orderBy: readonly SortKey[], alias: string, reverse: boolean): string {
  return orderBy
    .map((key) => `${alias}.${key.field.column} ${(key.direction === 'ASC') === reverse ? 'desc' : 'asc'}`)
    .join(',');
}
