import fc from 'fast-check';
import { rootSecretFromBytes } from './root-secret';

const sealer = rootSecretFromBytes(Buffer.alloc(32, 3)).sealer('cursor');
const text = fc.string({ unit: 'grapheme', maxLength: 200 });

test('whatever is sealed opens in its own context, and equal text gives an equal token', () => {
  fc.assert(
    fc.property(text, text, (plaintext, context) => {
      const token = sealer.seal(plaintext, context);
      expect(sealer.open(token, context)).toBe(plaintext);
      expect(sealer.seal(plaintext, context)).toBe(token);
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    }),
    { numRuns: 1_000 },
  );
});

test('a token copied into another context does not open', () => {
  fc.assert(
    fc.property(text, text, text, (plaintext, context, other) => {
      fc.pre(context !== other);
      expect(sealer.open(sealer.seal(plaintext, context), other)).toBeNull();
    }),
    { numRuns: 1_000 },
  );
});

test('where the context ends and the text begins cannot be shifted', () => {
  const iv = (token: string) => Buffer.from(token, 'base64url').subarray(1, 13).toString('hex');
  expect(iv(sealer.seal('bc', 'a'))).not.toBe(iv(sealer.seal('c', 'ab')));
});

test('different texts or contexts get different IVs', () => {
  const ivs = new Set<string>();
  for (let n = 0; n < 20_000; n++) {
    const token = sealer.seal(`row ${n >> 1}`, `page ${n & 1}`);
    ivs.add(Buffer.from(token, 'base64url').subarray(1, 13).toString('hex'));
  }
  expect(ivs.size).toBe(20_000);
});

test('a token with any one bit changed does not open', () => {
  const bytes = Buffer.from(sealer.seal('2026-01-31|INV-7', 'invoices'), 'base64url');
  expect(sealer.open(bytes.toString('base64url'), 'invoices')).toBe('2026-01-31|INV-7');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const altered = Buffer.from(bytes);
    altered[bit >> 3]! ^= 1 << (bit & 7);
    expect(sealer.open(altered.toString('base64url'), 'invoices')).toBeNull();
  }
});

test('a token has exactly one spelling', () => {
  // Of three lengths, so that two of them end in characters with unused bits.
  for (const plaintext of ['a', 'ab', 'abc']) {
    const token = sealer.seal(plaintext, 'c');
    const last = token.at(-1)!;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sameBytes = [...alphabet].filter(
      (other) =>
        other !== last && Buffer.from(token.slice(0, -1) + other, 'base64url').equals(Buffer.from(token, 'base64url')),
    );
    const spellings = [
      ...sameBytes.map((other) => token.slice(0, -1) + other),
      `${token}=`,
      `${token}==`,
      ` ${token}`,
      `${token}\n`,
      `${token.slice(0, 5)}.${token.slice(5)}`,
      token.replaceAll('-', '+').replaceAll('_', '/').concat('='),
    ];
    for (const spelling of spellings) expect(sealer.open(spelling, 'c')).toBeNull();
  }
});

test('whatever else is given to open is null, never an exception', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (token, context) => {
      expect(sealer.open(token as string, context as string)).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(sealer.open(Buffer.from(bytes).toString('base64url'), '')).toBeNull();
    }),
  );
  expect(sealer.open(sealer.seal('x', '\ufffd'), '\ud800')).toBeNull();
});

test('a text that could not come back as it was is not sealed', () => {
  expect(() => sealer.seal('\ud800', 'c')).toThrow(TypeError);
  expect(() => sealer.seal('x', '\udc00')).toThrow(TypeError);
});
