import fc from 'fast-check';
import { lengthPrefixed } from './length-prefixed';

test('each text is preceded by its UTF-8 length in four bytes', () => {
  expect(lengthPrefixed('é', '', 'ab').toString('hex')).toBe('00000002c3a90000000000000002' + '6162');
});

test('no two lists of texts give the same bytes, whatever the texts hold', () => {
  // NUL bytes and tiny lengths are the texts that could imitate a prefix.
  const text = fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a', '雨'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), fc.array(text, { maxLength: 4 }), (one, other) => {
      const same = one.length === other.length && one.every((part, index) => part === other[index]);
      expect(lengthPrefixed(...one).equals(lengthPrefixed(...other))).toBe(same);
    }),
    { numRuns: 3_000 },
  );
});
