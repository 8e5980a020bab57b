import type { FieldType } from '@countersign/schema';
import { compareValues } from './compare-values';

const decimal: FieldType = { kind: 'decimal', precision: 20, scale: 4 };
const ID = '0198a000-aaa0-7000-8000-00000000000';

test.each<[FieldType['kind'], FieldType, ascending: unknown[]]>([
  ['text', { kind: 'text', maxLength: 9 }, ['', 'A', 'B', 'a', 'a ', 'é', '\uFF5E', '\u{1F600}']],
  ['enum', { kind: 'enum', name: 'E', values: ['b', 'a'] }, ['a', 'b']],
  ['uuid', { kind: 'uuid' }, [`${ID}1`, `${ID}A`.toUpperCase(), `${ID}b`]],
  ['date', { kind: 'date' }, ['0001-01-01', '2026-01-31', '2026-02-01']],
  [
    'timestamp',
    { kind: 'timestamp' },
    ['2026-01-01T01:00:00+02:00', new Date('2026-01-01T00:00:00Z'), '2026-01-01T00:00:00.001Z'],
  ],
  ['integer', { kind: 'integer' }, [-10, -9, 0, 9, 10]],
  [
    'decimal',
    decimal,
    ['-10', '-9.5', '-0.0001', 0, '0.01', '9.50', '10', '99999999999999.0001', '99999999999999.001'],
  ],
  ['boolean', { kind: 'boolean' }, [false, true]],
])('values of type %s have one order: %#', (_, type, ascending) => {
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries())
      expect([a, b, Math.sign(compareValues(type, a, b))]).toEqual([a, b, Math.sign(i - j)]);
  }
});

test('one value in two spellings is one value', () => {
  expect(compareValues(decimal, '1.50', '1.5')).toBe(0);
  expect(compareValues(decimal, '-0.0', '0')).toBe(0);
  expect(compareValues({ kind: 'uuid' }, `${ID}a`, `${ID}A`)).toBe(0);
  expect(compareValues({ kind: 'timestamp' }, '2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00Z')).toBe(0);
});

test.each<[FieldType, unknown, string]>([
  [{ kind: 'text', maxLength: 9 }, 1, 'Expected a text, not a number'],
  [{ kind: 'uuid' }, null, 'Expected a text, not a object'],
  [{ kind: 'date' }, new Date(0), 'Expected a text, not a object'],
  [{ kind: 'timestamp' }, 'soon', 'Expected a timestamp'],
  [{ kind: 'timestamp' }, new Date(Number.NaN), 'Expected a timestamp'],
  [{ kind: 'timestamp' }, 0, 'Expected a text, not a number'],
  [{ kind: 'boolean' }, 'true', 'Expected true or false, not a string'],
  [{ kind: 'integer' }, 1e21, 'Expected a decimal'],
  [decimal, '1.', 'Expected a decimal'],
  [decimal, '.5', 'Expected a decimal'],
  [decimal, '1.5x', 'Expected a decimal'],
  [decimal, 'x1.5', 'Expected a decimal'],
  [decimal, null, 'Expected a decimal'],
  [{ kind: 'json' }, {}, 'JSON values are not compared'],
])('%j cannot compare %j', (type, value, problem) => {
  const fine = {
    text: 'a',
    enum: 'a',
    uuid: ID,
    date: '2026-01-01',
    timestamp: '2026-01-01T00:00:00Z',
    boolean: true,
    json: {},
    integer: 1,
    decimal: '1',
  };
  expect(() => compareValues(type, value, fine[type.kind])).toThrow(problem);
  expect(() => compareValues(type, fine[type.kind], value)).toThrow(problem);
});
