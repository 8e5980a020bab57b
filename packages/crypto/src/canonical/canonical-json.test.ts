import fc from 'fast-check';
import { canonicalJson, NotCanonicalJson } from './canonical-json';
import { sha256 } from './sha256';

test('the sample of RFC 8785 §3.2.2 gives the text of §3.2.3', () => {
  const sample = String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`;
  const text = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  expect(canonicalJson(JSON.parse(sample))).toBe(text);
});

test('keys are sorted by UTF-16 code units, as in RFC 8785 §3.2.3', () => {
  const sample = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  };
  expect([...canonicalJson(sample).matchAll(/:"([^"]*)"/g)].map((match) => match[1])).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

test.each([
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
])('the IEEE 754 number %s of RFC 8785 appendix B is printed as %s', (bits, text) => {
  expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
});

test('what is printed reads back as the same value, and printing it again gives the same text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('the order in which keys were set does not show', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 12 }), fc.nat(), (keys, seed) => {
      const shuffled = [...keys].sort((a, b) => sha256(`${seed}${a}`).compare(sha256(`${seed}${b}`)));
      const make = (order: string[]) => Object.fromEntries(order.map((key) => [key, key.length]));
      expect(canonicalJson(make(shuffled))).toBe(canonicalJson(make(keys)));
    }),
  );
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

test.each([
  ['NaN', { amount: Number.NaN }, '$.amount is a number'],
  ['an infinity', [1, Number.NEGATIVE_INFINITY], '$[1] is a number'],
  ['an absent value', { note: undefined }, '$.note is undefined'],
  ['a hole in an array', new Array(1), '$[0] is undefined'],
  ['a lone surrogate', ['\ud800'], '$[0] holds a lone surrogate'],
  ['a lone surrogate in a key', { 'a\udc00': 1 }, 'lone surrogate'],
  ['a bigint', { count: 1n }, '$.count is bigint'],
  ['a function', { toJSON: () => 1 }, '$.toJSON is function'],
  ['a date', { on: new Date(0) }, '$.on is a Date instance'],
  ['bytes', Buffer.from('x'), '$ is a Buffer instance'],
  ['a map', new Map(), '$ is a Map instance'],
  ['a cycle', cyclic, 'cyclic or nested over 256 levels'],
])('%s is refused, and the message names the place', (_, value, message) => {
  expect(() => canonicalJson(value)).toThrow(NotCanonicalJson);
  expect(() => canonicalJson(value)).toThrow(message);
});

test('a refusal never repeats the value', () => {
  try {
    canonicalJson({ card: 'secret-4111\ud800' });
    throw new Error('was not refused');
  } catch (error) {
    expect((error as Error).message).toBe('$.card holds a lone surrogate');
  }
});

test('objects without a prototype and a key named __proto__ are printed like any other', () => {
  expect(canonicalJson(Object.assign(Object.create(null), { b: 1, a: 2 }))).toBe('{"a":2,"b":1}');
  expect(canonicalJson(JSON.parse('{"__proto__":1}'))).toBe('{"__proto__":1}');
});

test('SHA-256 of a text is that of its UTF-8 bytes', () => {
  expect(sha256('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(sha256(text).equals(sha256(Buffer.from(text, 'utf8')))).toBe(true);
    }),
  );
});
