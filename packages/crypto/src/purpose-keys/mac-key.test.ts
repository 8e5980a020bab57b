import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { MacKey } from './mac-key';

const key = new MacKey([{ label: 9, key: createSecretKey(Buffer.alloc(32, 1)) }]);

test('a MAC is the version byte followed by HMAC-SHA-256', () => {
  const expected = createHmac('sha256', Buffer.alloc(32, 1)).update('data').digest();
  expect(key.mac('data')).toEqual(Buffer.concat([Buffer.of(9), expected]));
});

test('a MAC verifies for its own data, given as text or as bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(key.verify(Buffer.from(text, 'utf8'), key.mac(text))).toBe(true);
      expect(key.verify(`${text}x`, key.mac(text))).toBe(false);
    }),
  );
});

test('a MAC with any one bit changed, cut short or prolonged does not verify', () => {
  const mac = key.mac('data');
  for (let bit = 0; bit < mac.length * 8; bit++) {
    const altered = Buffer.from(mac);
    altered[bit >> 3]! ^= 1 << (bit & 7);
    expect(key.verify('data', altered)).toBe(false);
  }
  for (const other of [mac.subarray(1), mac.subarray(0, 32), Buffer.concat([mac, mac]), Buffer.alloc(0)]) {
    expect(key.verify('data', other)).toBe(false);
  }
});

test('something that is no MAC at all is refused without an exception', () => {
  for (const value of [null, undefined, 'text', 33, {}]) {
    expect(key.verify('data', value as unknown as Uint8Array)).toBe(false);
  }
});
