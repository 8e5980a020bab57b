import fc from 'fast-check';
import { newTotpSecret, totp, verifyTotp } from './totp';

const secret = Buffer.from('12345678901234567890', 'ascii');
const now = new Date('2026-03-01T12:00:10Z');
const step = Math.floor(now.getTime() / 30_000);
const check = (code: string, lastStep: number | null = null, window?: number) =>
  verifyTotp(secret, code, { now, lastStep, window });

test('a code of now, of the step before and of the step after is accepted, and names its step', () => {
  for (const other of [step - 1, step, step + 1]) expect(check(totp(secret, other))).toBe(other);
  for (const other of [step - 2, step + 2]) expect(check(totp(secret, other))).toBeNull();
  expect(check(totp(secret, step - 2), null, 2)).toBe(step - 2);
  expect(check(totp(secret, step - 1), null, 0)).toBeNull();
});

test('a code works once: neither it nor an older one is accepted again', () => {
  const used = check(totp(secret, step))!;
  expect(check(totp(secret, step), used)).toBeNull();
  expect(check(totp(secret, step - 1), used)).toBeNull();
  expect(check(totp(secret, step + 1), used)).toBe(step + 1);
});

test('when two steps share a code, using it once uses it up', () => {
  // Found by search: two steps in a row share a code about once in a million.
  const shared = 1_300_576;
  expect(totp(secret, shared - 1)).toBe(totp(secret, shared));
  const at = new Date(shared * 30_000);
  const code = totp(secret, shared);
  expect(verifyTotp(secret, code, { now: at, lastStep: null })).toBe(shared);
  expect(verifyTotp(secret, code, { now: at, lastStep: shared })).toBeNull();
});

test('nothing but six ASCII digits is a code', () => {
  const code = totp(secret, step);
  const malformed = [
    ...['', code.slice(1), `${code}0`, ` ${code}`, `${code}\n`, `${code.slice(0, 5)}x`, `+${code.slice(1)}`],
    ...[`0x${code.slice(2)}`, `${code.slice(0, 3)} ${code.slice(3)}`, Number(code).toString(16)],
    [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(''),
    [...code].map((digit) => String.fromCodePoint(0x0660 + Number(digit))).join(''),
    // Letters whose low byte is the digit: reading them as ASCII would make them the right code.
    [...code].map((digit) => String.fromCodePoint(0x0130 + Number(digit))).join(''),
  ];
  expect(check(code)).toBe(step);
  for (const other of malformed) expect([other, check(other)]).toEqual([other, null]);
  for (const other of [Number(code), null, undefined, [code], { length: 6 }]) {
    expect(check(other as unknown as string)).toBeNull();
  }
});

test('a wrong code is refused', () => {
  const right = [step - 1, step, step + 1].map((other) => totp(secret, other));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999 }), (number) => {
      const code = String(number).padStart(6, '0');
      fc.pre(!right.includes(code));
      expect(check(code)).toBeNull();
    }),
  );
});

test('a step that the computing library would silently misread is refused', () => {
  for (const other of [-1, 1.5, 2 ** 31, Number.NaN]) expect(() => totp(secret, other)).toThrow(RangeError);
});

test('a new secret is 160 bits, fresh each time, and its base32 reads back as the same bytes', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const counts = new Map<string, number>();
  for (let round = 0; round < 1_000; round++) {
    const { secret: bytes, base32 } = newTotpSecret();
    expect(bytes).toHaveLength(20);
    expect(base32).toMatch(/^[A-Z2-7]{32}$/);
    const bits = [...base32].map((symbol) => alphabet.indexOf(symbol).toString(2).padStart(5, '0')).join('');
    expect(BigInt(`0b${bits}`)).toBe(BigInt(`0x${bytes.toString('hex')}`));
    for (const symbol of base32) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  // 32,000 symbols: 1,000 of each expected, and a deviation of 220 is seven standard deviations.
  expect(counts.size).toBe(32);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(220);
});
