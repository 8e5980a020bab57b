import type { FieldType } from '@countersign/schema';

export type CheckedLiteral = { readonly value: string | number | boolean } | { readonly problem: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const INT32 = 2 ** 31;

/**
 * Checks one literal of a condition against a field's type and brings it into the form that SQL and memory compare:
 * uuids in lower case, decimals as strings with the field's scale, timestamps in UTC with milliseconds.
 *
 * INVARIANT: what passes can be bound to a typed parameter without PostgreSQL refusing it.
 */
export function checkLiteral(type: FieldType, raw: unknown): CheckedLiteral {
  if (raw === null) return no('null cannot be compared with; use isNull');
  switch (type.kind) {
    case 'uuid':
      return typeof raw === 'string' && UUID.test(raw) ? { value: raw.toLowerCase() } : no('expected a UUID');
    case 'text':
      return checkText(raw);
    case 'integer':
      if (!Number.isInteger(raw) || (raw as number) < -INT32 || (raw as number) >= INT32) {
        return no('expected a whole number of 32 bits');
      }
      return { value: (raw as number) + 0 };
    case 'boolean':
      return typeof raw === 'boolean' ? { value: raw } : no('expected true or false');
    case 'decimal':
      return checkDecimal(type, raw);
    case 'date':
      return typeof raw === 'string' && isCalendarDate(raw) ? { value: raw } : no('expected a date as YYYY-MM-DD');
    case 'timestamp':
      return checkTimestamp(raw);
    case 'enum':
      if (typeof raw === 'string' && type.values.includes(raw)) return { value: raw };
      return no(`expected one of ${type.values.join(', ')}`);
    case 'json':
      return no('a JSON field can only be tested with isNull');
  }
}

function no(problem: string): CheckedLiteral {
  return { problem };
}

function checkText(raw: unknown): CheckedLiteral {
  if (typeof raw !== 'string') return no('expected a text');
  // Neither has a UTF-8 form that PostgreSQL takes: the driver or the server would compare with something else.
  if (raw.includes('\0') || LONE_SURROGATE.test(raw)) return no('the text holds a character that no record can hold');
  return { value: raw };
}

function checkDecimal(type: Extract<FieldType, { kind: 'decimal' }>, raw: unknown): CheckedLiteral {
  const { precision, scale } = type;
  const text = Number.isSafeInteger(raw) ? String(raw) : raw;
  const fraction = scale > 0 ? `(?:\\.(\\d{1,${scale}}))?` : '()';
  const parts = typeof text === 'string' ? new RegExp(`^(-?)(\\d{1,${precision}})${fraction}$`).exec(text) : null;
  // A fraction written as a JSON number has passed through binary floating point already.
  if (!parts) return no(`expected a decimal with at most ${scale} decimal places, written as a string`);
  const whole = parts[2]!.replace(/^0+(?=\d)/, '');
  const digits = scale > 0 ? `${whole}.${(parts[3] ?? '').padEnd(scale, '0')}` : whole;
  return { value: /[1-9]/.test(digits) ? parts[1] + digits : digits };
}

function isCalendarDate(text: string): boolean {
  const parts = DATE.exec(text);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1]!;
}

function checkTimestamp(raw: unknown): CheckedLiteral {
  const parts = typeof raw === 'string' ? TIMESTAMP.exec(raw) : null;
  const expected = no('expected a timestamp as YYYY-MM-DDThh:mm:ss[.sss] with Z or an offset');
  if (!parts || !isCalendarDate(parts[1]!)) return expected;
  const instant = new Date(raw as string);
  const year = instant.getUTCFullYear();
  return year >= 1 && year <= 9999 ? { value: instant.toISOString() } : expected;
}
