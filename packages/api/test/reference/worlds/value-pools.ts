import type { FieldType } from '@countersign/schema';
import type { Chance } from './chance';

/**
 * Few values, so that comparisons meet. The texts sort differently by UTF-8 bytes, by UTF-16 and by language; some hold
 * what brackets or quotes our own text, some are as long as a mask asks for, in characters and in code units.
 */
const TEXTS = [
  ...['EMEA', 'APAC', 'emea', 'EME', '', 'é', 'e\u0301', 'ß', 'a', 'A', ' '],
  ...[
    '\u{1F600}',
    '\uFF5E',
    '\uFFFD',
    '\u2028',
    'a\u0001b',
    '\u0001#0\u0001',
    '\u0001',
    'a\tb\n',
    '"',
    "o'b\\",
    '%_',
    '$1',
  ],
  ...['1234567', '12345678', '4111111111111111', '\u{1F600}123456', '\u{1F600}12345\u{1F601}\u{1F602}', 'null', '{}'],
  ...['ada@example.org', '@example.org', 'a@@b', '\u{1F600}@x', 'no address', '$principal.region', '@user:0'],
];
const INTEGERS = [-2147483648, -1, 0, 1, 7, 8, 2147483647];
const DATES = ['0001-01-01', '1999-12-31', '2024-02-29', '2024-03-01', '2024-12-30', '9999-12-31'];
const INSTANTS = [
  ...['0001-01-01T00:00:00.000Z', '1999-12-31T23:59:59.999Z', '2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.001Z'],
  ...['2024-01-01T00:00:00.100Z', '2024-03-31T01:30:00.120Z', '9999-12-31T23:59:59.999Z'],
  // Beside the ends of days in some places, where clocks are put forward and back.
  ...['2024-03-30T23:00:00.000Z', '2024-03-31T21:59:59.999Z', '2024-10-27T22:59:59.999Z', '2024-11-03T05:30:00.000Z'],
];
const JSON_TEXTS = [
  ...['{}', '[]', 'null', '"x"', '{"b":1,"a":[1,2.50,-0.1e3],"10":null,"9":"\\u0001"}', '{"long key":{"a":"\\"}"}}'],
  ...['12345678901234567890', '[[[true]]]', '"\u{1F600} , : "'],
];

function decimals({ precision, scale }: Extract<FieldType, { kind: 'decimal' }>): string[] {
  const spell = (units: string) => {
    const digits = units.padStart(scale + 1, '0');
    return scale > 0 ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  };
  const all = ['0', '1', '5', '10', '100', '1050', '9'.repeat(precision)];
  return all
    .filter((units) => units.length <= precision)
    .flatMap((units) => (units === '0' ? [spell(units)] : [spell(units), `-${spell(units)}`]));
}

/** A value that a field of the type may hold; ids come from `ids`. */
export function randomValue(chance: Chance, type: FieldType, ids: readonly string[]): string | number | boolean {
  switch (type.kind) {
    case 'text':
      return chance.pick(TEXTS);
    case 'integer':
      return chance.pick(INTEGERS);
    case 'decimal':
      return chance.pick(decimals(type));
    case 'boolean':
      return chance.percent(50);
    case 'date':
      return chance.pick(DATES);
    case 'timestamp':
      return chance.pick(INSTANTS);
    case 'enum':
      return chance.pick(type.values);
    case 'json':
      return chance.pick(JSON_TEXTS);
    case 'uuid':
      return chance.pick(ids);
  }
}
