import fc from 'fast-check';
import { RawJson, stringifyWithRaw } from './raw-json';

describe('Answers are printed as JSON, with raw text as it is', () => {
  test('without raw text it is JSON.stringify, for any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'large' }), (value) => {
        expect(stringifyWithRaw(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

  test('raw text stands at any depth, and is not looked into', () => {
    const raw = new RawJson('{"anything":[1, 2 ]}');
    expect(stringifyWithRaw(raw)).toBe('{"anything":[1, 2 ]}');
    expect(stringifyWithRaw({ data: { a: raw, b: [raw, null, { c: raw }] }, errors: [] })).toBe(
      '{"data":{"a":{"anything":[1, 2 ]},"b":[{"anything":[1, 2 ]},null,{"c":{"anything":[1, 2 ]}}]},"errors":[]}',
    );
    const printed = stringifyWithRaw({ a: raw, b: [raw] });
    expect(JSON.parse(printed)).toEqual({ a: { anything: [1, 2] }, b: [{ anything: [1, 2] }] });
  });

  test('nothing that a client sends can pose as raw text', () => {
    for (const posing of [
      { text: '{"a":1}' },
      { text: '1', constructor: { name: 'RawJson' } },
      ['{"a":1}'],
      '{"a":1}',
    ]) {
      expect(JSON.parse(stringifyWithRaw({ posing }))).toEqual({ posing: JSON.parse(JSON.stringify(posing)) });
    }
  });

  test('what is undefined is left out of objects and null in lists, as JSON.stringify has it', () => {
    expect(stringifyWithRaw({ a: undefined, b: [undefined], c: null })).toBe('{"b":[null],"c":null}');
    expect(stringifyWithRaw(undefined)).toBe('null');
    expect(stringifyWithRaw(new Date(0))).toBe('"1970-01-01T00:00:00.000Z"');
    expect(stringifyWithRaw({ a: Number.NaN, '"': '\u2028\u0001' })).toBe('{"a":null,"\\"":"\u2028\\u0001"}');
  });
});
