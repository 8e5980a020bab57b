import type { FieldType } from '@countersign/schema';
import { checkLiteral } from './check-literal';

const uuid: FieldType = { kind: 'uuid' };
const text: FieldType = { kind: 'text', maxLength: 10 };
const integer: FieldType = { kind: 'integer' };
const money: FieldType = { kind: 'decimal', precision: 5, scale: 2 };
const whole: FieldType = { kind: 'decimal', precision: 5, scale: 0 };
const date: FieldType = { kind: 'date' };
const timestamp: FieldType = { kind: 'timestamp' };
const ID = '0198a000-aaa0-7000-8000-00000000000f';

test.each<[FieldType['kind'], FieldType, unknown, unknown]>([
  ['uuid', uuid, ID, ID],
  ['uuid', uuid, ID.toUpperCase(), ID],
  ['text', text, '', ''],
  ['text', text, '\u{1F600} longer than any record may hold', '\u{1F600} longer than any record may hold'],
  ['integer', integer, -2147483648, -2147483648],
  ['integer', integer, 2147483647, 2147483647],
  ['boolean', { kind: 'boolean' }, false, false],
  ['decimal', money, '12345', '12345.00'],
  ['decimal', money, '-0.05', '-0.05'],
  ['decimal', money, '000.50', '0.50'],
  ['decimal', money, '010', '10.00'],
  ['decimal', money, -7, '-7.00'],
  ['decimal', money, '-0', '0.00'],
  ['decimal', whole, '-007', '-7'],
  ['decimal', whole, '-0', '0'],
  ['decimal', whole, 0, '0'],
  ['date', date, '0001-01-01', '0001-01-01'],
  ['date', date, '9999-12-31', '9999-12-31'],
  ['date', date, '2000-02-29', '2000-02-29'],
  ['timestamp', timestamp, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
  ['timestamp', timestamp, '2026-01-01T23:59:59.9Z', '2026-01-01T23:59:59.900Z'],
  ['timestamp', timestamp, '2026-01-01T23:59:59.999+23:59', '2026-01-01T00:00:59.999Z'],
  ['timestamp', timestamp, '2026-01-01T10:00:00-19:30', '2026-01-02T05:30:00.000Z'],
  ['timestamp', timestamp, '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['timestamp', timestamp, '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['enum', { kind: 'enum', name: 'Region', values: ['EMEA', 'APAC'] }, 'APAC', 'APAC'],
])('a literal of type %s: %j %j becomes %j', (_, type, raw, value) => {
  expect(checkLiteral(type, raw)).toEqual({ value });
});

test('an integer has one zero', () => {
  expect(Object.is((checkLiteral(integer, -0) as { value: unknown }).value, 0)).toBe(true);
});

const NO_DATE = 'expected a date as YYYY-MM-DD';
const NO_TIMESTAMP = 'expected a timestamp as YYYY-MM-DDThh:mm:ss[.sss] with Z or an offset';
const NO_MONEY = 'expected a decimal with at most 2 decimal places, written as a string';
const NO_CHARACTER = 'the text holds a character that no record can hold';

test.each<[FieldType['kind'], FieldType, problem: string, raw: unknown[]]>([
  ['text', text, 'null cannot be compared with; use isNull', [null]],
  ['text', text, 'expected a text', [undefined, 1, ['a']]],
  ['text', text, NO_CHARACTER, ['\0', 'a\0', '\uDC00', 'a\uD800b']],
  ['uuid', uuid, 'expected a UUID', [`${ID}0`, `x${ID}`, ID.slice(1), ID.replaceAll('-', ''), 7, [ID]]],
  ['integer', integer, 'expected a whole number of 32 bits', [-2147483649, 2147483648, 0.5, '1', Number.NaN, true]],
  ['boolean', { kind: 'boolean' }, 'expected true or false', ['true', 0]],
  [
    'decimal',
    money,
    NO_MONEY,
    ['', '-', '.5', '1.', '1.005', '+1', ' 1', '1 ', '1,5', '123456', 1.5, 2 ** 53, true, '1\n'],
  ],
  [
    'decimal',
    whole,
    'expected a decimal with at most 0 decimal places, written as a string',
    ['1.0', '1.', 'x1', '1x'],
  ],
  [
    'date',
    date,
    NO_DATE,
    ['2026-00-10', '2026-13-10', '2026-01-00', '0000-01-01', '2026-1-01', '12026-01-01', '2026-01-011', 20260101, ''],
  ],
  [
    'timestamp',
    timestamp,
    NO_TIMESTAMP,
    [
      '2026-01-01T24:00:00Z',
      '2026-01-01T29:00:00Z',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:60Z',
      '2026-01-01T00:00:00+24:00',
      '2026-01-01T00:00:00+00:60',
      '2026-01-01T00:00:00.Z',
      '2026-01-01T00:00:00.0000Z',
      '2026-01-01T00:00:00ZZ',
      'x2026-01-01T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '9999-12-31T23:59:59-00:01',
      '0001-01-01T00:00:00+00:01',
      1767225600000,
      new Date(0),
    ],
  ],
  ['enum', { kind: 'enum', name: 'Region', values: ['EMEA', 'APAC'] }, 'expected one of EMEA, APAC', ['emea', '', 1]],
  ['json', { kind: 'json' }, 'a JSON field can only be tested with isNull', ['{}', {}, 1]],
])('no literal of type %s: %j says "%s" of %j', (_, type, problem, raw) => {
  for (const value of raw) expect([value, checkLiteral(type, value)]).toEqual([value, { problem }]);
});

test('every month has its days and no more', () => {
  const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  for (const [index, last] of days.entries()) {
    const day = (number: number) => `2026-${String(index + 1).padStart(2, '0')}-${number}`;
    expect(checkLiteral(date, day(last))).toEqual({ value: day(last) });
    expect(checkLiteral(date, day(last + 1))).toEqual({ problem: NO_DATE });
  }
  for (const [year, leap] of [
    [2024, true],
    [2100, false],
    [1900, false],
    [2000, true],
    [2023, false],
  ] as const) {
    expect('value' in checkLiteral(date, `${year}-02-29`)).toBe(leap);
    expect(checkLiteral(date, `${year}-02-30`)).toEqual({ problem: NO_DATE });
  }
});
