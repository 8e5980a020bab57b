import type { FieldType } from '@countersign/schema';

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
      return compareDecimals(decimalOf(a), decimalOf(b));
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

interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

function decimalOf(value: unknown): Decimal {
  const parts = /^(-?\d+)(?:\.(\d+))?$/.exec(typeof value === 'string' ? value : String(value));
  if (!parts) throw new Error('Expected a decimal');
  const fraction = parts[2] ?? '';
  return { units: BigInt(parts[1] + fraction), scale: fraction.length };
}

function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = a.units * 10n ** BigInt(scale - a.scale);
  const right = b.units * 10n ** BigInt(scale - b.scale);
  return left === right ? 0 : left < right ? -1 : 1;
}
