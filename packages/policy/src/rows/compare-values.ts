import type { FieldType } from '@countersign/schema';
import { compareDecimals, exactDecimal } from './exact-decimal';

/**
 * Orders two values of one field type as PostgreSQL does: negative, zero or positive. Texts compare by their UTF-8
 * bytes (collation "C"), numbers exactly, timestamps as instants. Throws for values that are not of the type.
 */
export function compareValues(type: FieldType, a: unknown, b: unknown): number {
  switch (type.kind) {
    case 'text':
    case 'enum':
      return Buffer.compare(Buffer.from(textOf(a)), Buffer.from(textOf(b)));
    case 'uuid':
      return compareTexts(textOf(a).toLowerCase(), textOf(b).toLowerCase());
    case 'date':
      return compareTexts(textOf(a), textOf(b));
    case 'timestamp':
      return instantOf(a) - instantOf(b);
    case 'integer':
    case 'decimal':
      return compareDecimals(exactDecimal(a), exactDecimal(b));
    case 'boolean':
      return Number(booleanOf(a)) - Number(booleanOf(b));
    case 'json':
      throw new Error('JSON values are not compared');
  }
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`Expected a text, not a ${typeof value}`);
  return value;
}

function booleanOf(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error(`Expected true or false, not a ${typeof value}`);
  return value;
}

function instantOf(value: unknown): number {
  const instant = value instanceof Date ? value.getTime() : Date.parse(textOf(value));
  if (Number.isNaN(instant)) throw new Error('Expected a timestamp');
  return instant;
}
