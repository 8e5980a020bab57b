import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { SEALED_VALUE_OVERHEAD, SealBroken, type SealedPlace, SealingKey, ValueSealer } from './seal-value';

const keyOf = (fill: number) => new SealingKey(Buffer.alloc(16, fill), createSecretKey(Buffer.alloc(32, fill)));
const sealer = new ValueSealer([keyOf(1)]);
const place: SealedPlace = { store: 'live', object: 'Account', field: 'taxId', record: '0190-7' };

function reasonOf(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    if (error instanceof SealBroken) return error.reason;
    throw error;
  }
  return 'opened';
}

test('bytes and texts come back as they were, from their own place', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const anywhere = fc.record({ store: text, object: text, field: text, record: text });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), anywhere, (bytes, somewhere) => {
      const envelope = sealer.seal(bytes, somewhere);
      expect(envelope).toHaveLength(bytes.length + SEALED_VALUE_OVERHEAD);
      expect(sealer.open(envelope, somewhere)).toEqual(Buffer.from(bytes));
    }),
  );
  expect(sealer.open(sealer.seal('Größe 雨', place), place).toString('utf8')).toBe('Größe 雨');
  expect(sealer.open(sealer.seal('', place), place)).toHaveLength(0);
});

test('the envelope is version 1, key id, IV, ciphertext and tag', () => {
  const envelope = sealer.seal('abc', place);
  expect(envelope).toHaveLength(1 + 16 + 12 + 3 + 16);
  expect(envelope[0]).toBe(1);
  expect(envelope.subarray(1, 17)).toEqual(Buffer.alloc(16, 1));
});

test('equal values give different envelopes and never the same IV', () => {
  const ivs = new Set(Array.from({ length: 2_000 }, () => sealer.seal('same', place).toString('hex', 17, 29)));
  expect(ivs.size).toBe(2_000);
});

test.each(['store', 'object', 'field', 'record'] as const)('a value does not open under another %s', (part) => {
  const envelope = sealer.seal('DE-4711', place);
  expect(reasonOf(() => sealer.open(envelope, { ...place, [part]: `${place[part]}x` }))).toBe('authentication');
});

test('the parts of a place cannot be shifted into one another', () => {
  const envelope = sealer.seal('x', { store: 'live', object: 'Account', field: 'name', record: '12' });
  for (const other of [
    { store: 'live', object: 'Account', field: 'name1', record: '2' },
    { store: 'liveA', object: 'ccount', field: 'name', record: '12' },
    { store: 'live', object: 'Accountname', field: '', record: '12' },
  ]) {
    expect(reasonOf(() => sealer.open(envelope, other))).toBe('authentication');
  }
});

test('a pending value cannot be copied into the live row, nor the other way round', () => {
  const pending = { ...place, store: 'pending:42' };
  expect(reasonOf(() => sealer.open(sealer.seal('new', pending), place))).toBe('authentication');
  expect(reasonOf(() => sealer.open(sealer.seal('new', place), pending))).toBe('authentication');
});

test('an envelope with any one bit changed, cut short or prolonged does not open', () => {
  const envelope = sealer.seal('4111 1111 1111 1111', place);
  for (let bit = 0; bit < envelope.length * 8; bit++) {
    const altered = Buffer.from(envelope);
    altered[bit >> 3]! ^= 1 << (bit & 7);
    const expected = bit < 8 ? 'format' : bit < 17 * 8 ? 'key' : 'authentication';
    expect([bit, reasonOf(() => sealer.open(altered, place))]).toEqual([bit, expected]);
  }
  for (let length = 0; length < envelope.length; length++) {
    const expected = length < SEALED_VALUE_OVERHEAD ? 'format' : 'authentication';
    expect(reasonOf(() => sealer.open(envelope.subarray(0, length), place))).toBe(expected);
  }
  expect(reasonOf(() => sealer.open(Buffer.concat([envelope, Buffer.of(0)]), place))).toBe('authentication');
});

test('a key id swapped for that of another held key does not open, although that key is at hand', () => {
  const both = new ValueSealer([keyOf(2), keyOf(1)]);
  const envelope = sealer.seal('x', place);
  expect(both.open(envelope, place).toString()).toBe('x');
  keyOf(2).id.copy(envelope, 1);
  expect(reasonOf(() => both.open(envelope, place))).toBe('authentication');
  // Even with the very same key under another id: the id is authenticated.
  const twin = new SealingKey(Buffer.alloc(16, 9), createSecretKey(Buffer.alloc(32, 1)));
  twin.id.copy(envelope, 1);
  expect(reasonOf(() => new ValueSealer([twin]).open(envelope, place))).toBe('authentication');
});

test('after a change of keys the first seals and the older still open', () => {
  const both = new ValueSealer([keyOf(2), keyOf(1)]);
  const fresh = both.seal('x', place);
  expect(fresh.subarray(1, 17)).toEqual(keyOf(2).id);
  expect(reasonOf(() => sealer.open(fresh, place))).toBe('key');
});

test('a broken seal says nothing about value or place', () => {
  const error = new SealBroken('authentication');
  expect(error.message).toBe('a sealed value does not open (authentication)');
});
