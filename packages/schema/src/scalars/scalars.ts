import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const DECIMAL = /^-?(0|[1-9]\d{0,30})(\.\d{1,18})?$/;
const CALENDAR_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for a UUID in its usual text form; PostgreSQL takes every one of them. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** True for a date that exists in the Gregorian calendar, years 0001 to 9999 (RFC 3339 full-date). */
export function isCalendarDate(value: string): boolean {
  const parts = CALENDAR_DATE.exec(value);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}

/** The instant in the one text form used everywhere, UTC with milliseconds, or null when the text is not one. */
export function normalInstant(value: string): string | null {
  const parts = INSTANT.exec(value);
  if (!parts || !isCalendarDate(parts[1]!)) return null;
  if (Number(parts[2]) > 23 || Number(parts[3]) > 59 || Number(parts[4]) > 59) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** A decimal without an exponent, at most 31 digits before and 18 after the point. */
export function isDecimal(value: string): boolean {
  return DECIMAL.test(value);
}

function stringScalar(
  name: string,
  description: string,
  specifiedByURL: string | null,
  parse: (text: string) => string,
) {
  const parseValue = (value: unknown): string => {
    if (typeof value !== 'string') throw new GraphQLError(`${name} must be a string.`);
    return parse(value);
  };
  return new GraphQLScalarType({
    name,
    description,
    ...(specifiedByURL ? { specifiedByURL } : {}),
    serialize: (value) => value,
    parseValue,
    parseLiteral: (node) => {
      if (node.kind !== Kind.STRING) throw new GraphQLError(`${name} must be a string.`, { nodes: [node] });
      return parseValue(node.value);
    },
  });
}

/** Money and quantities: a string, because a binary float cannot hold a tenth. */
export const DecimalScalar = stringScalar(
  'Decimal',
  'A decimal number as a string, exact to its last digit: "1234.50". Never a float.',
  null,
  (value) => {
    if (!isDecimal(value)) throw new GraphQLError('Decimal must look like "1234.50".');
    return value;
  },
);

/** RFC 3339 full-date. */
export const DateScalar = stringScalar(
  'Date',
  'A calendar date, "2026-01-31" (RFC 3339 full-date).',
  'https://www.rfc-editor.org/rfc/rfc3339',
  (value) => {
    if (!isCalendarDate(value)) throw new GraphQLError('Date must be a calendar date like "2026-01-31".');
    return value;
  },
);

/** RFC 3339 date-time, always answered in UTC with milliseconds. */
export const DateTimeScalar = stringScalar(
  'DateTime',
  'An instant, "2026-01-31T09:30:00.000Z" (RFC 3339 date-time); answered in UTC with milliseconds.',
  'https://www.rfc-editor.org/rfc/rfc3339',
  (value) => {
    const instant = normalInstant(value);
    if (instant === null) throw new GraphQLError('DateTime must be an RFC 3339 date-time like "2026-01-31T09:30:00Z".');
    return instant;
  },
);

function plainValue(node: import('graphql').ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map((field) => [field.name.value, plainValue(field.value, variables)]));
    case Kind.LIST:
      return node.values.map((value) => plainValue(value, variables));
    case Kind.VARIABLE:
      return variables?.[node.name.value] ?? null;
    default:
      return node.value;
  }
}

/** Any JSON value: conditions of sharing groups, price tiers. */
export const JsonScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => plainValue(node, variables),
});
