import type { CatalogueField, FieldType } from '@countersign/schema';
import { unitsOf } from './exact';
import type { Row } from './load-rows';

export interface SortKey {
  readonly field: CatalogueField;
  readonly direction: 'ASC' | 'DESC';
}

type Keys = readonly unknown[];

/** The sort values of a record. */
export function keysOf(row: Row, order: readonly SortKey[]): Keys {
  return order.map(({ field }) => row[field.name] ?? null);
}

/**
 * Which of two lists of sort values comes first: negative, zero or positive. Empty values come last on the way up and
 * first on the way down, so each order is the other one backwards.
 */
export function compareKeys(order: readonly SortKey[], one: Keys, other: Keys): number {
  for (const [index, { field, direction }] of order.entries()) {
    const found = compareUpwards(field.type, one[index], other[index]);
    if (found !== 0) return direction === 'ASC' ? found : -found;
  }
  return 0;
}

/** The order of two values of a type on the way up; null is the last. */
export function compareUpwards(type: FieldType, one: unknown, other: unknown): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1;
  switch (type.kind) {
    case 'integer':
    case 'boolean':
      return Number(one) - Number(other);
    case 'decimal': {
      // Decimals of one field have one scale.
      const difference = unitsOf(one) - unitsOf(other);
      return difference === 0n ? 0 : difference > 0n ? 1 : -1;
    }
    case 'json':
      throw new Error('JSON has no order');
    default:
      // Ids, days and instants have a form of one length, in which the order of bytes is theirs.
      return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)));
  }
}
