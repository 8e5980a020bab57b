import fc from 'fast-check';
import { randomId, randomToken } from './random-id';

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('an id is a UUIDv7 that carries its millisecond', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const [, high, low] = UUID_V7.exec(randomId(now))!;
  expect(Number.parseInt(`${high}${low}`, 16)).toBe(now);
});

test('50,000 ids of one millisecond are distinct and in ascending order as text', () => {
  const now = Date.UTC(2026, 5, 1);
  const ids = Array.from({ length: 50_000 }, () => randomId(now));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual([...ids].sort());
  expect(ids.every((id) => UUID_V7.test(id))).toBe(true);
});

test('ids ascend for any clock that steps back by less than ten seconds', () => {
  let now = Date.UTC(2027, 0, 1);
  let last = randomId(now);
  fc.assert(
    fc.property(fc.integer({ min: -9, max: 20 }), (step) => {
      now += step;
      const id = randomId(now);
      expect(id > last).toBe(true);
      last = id;
    }),
    { numRuns: 5_000 },
  );
});

test('an older time handed in on purpose is the time in the id', () => {
  randomId(Date.UTC(2028, 0, 1));
  const past = Date.UTC(2020, 0, 1);
  const [, high, low] = UUID_V7.exec(randomId(past))!;
  expect(Number.parseInt(`${high}${low}`, 16)).toBe(past);
});

test('a time that 48 bits cannot hold is refused', () => {
  for (const time of [-1, 2 ** 48, 1.5, Number.NaN]) expect(() => randomId(time)).toThrow(RangeError);
});

test('a random token has the asked number of bytes, and never fewer than 16', () => {
  expect(Buffer.from(randomToken(20), 'base64url')).toHaveLength(20);
  expect(randomToken()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(new Set(Array.from({ length: 1_000 }, () => randomToken(16))).size).toBe(1_000);
  expect(() => randomToken(15)).toThrow(RangeError);
});
