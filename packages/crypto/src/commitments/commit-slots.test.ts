import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { NotCanonicalJson } from '../canonical/canonical-json';
import { commitSlot, commitSlots, type Slot, verifySlots } from './commit-slots';

const slots: Record<string, Slot> = {
  status: ['draft', 'open'],
  amount: ['10.00', '12.50'],
  note: [null, 'überfällig'],
};

test('a commitment is SHA-256 of the salt and the canonical JSON of old and new, names in order', () => {
  const { names, commitments, salts } = commitSlots(slots);
  expect(names).toEqual(['amount', 'note', 'status']);
  names.forEach((name, index) => {
    const expected = createHash('sha256')
      .update(salts.subarray(index * 32, index * 32 + 32))
      .update(JSON.stringify(slots[name]), 'utf8')
      .digest();
    expect(commitments.subarray(index * 32, index * 32 + 32)).toEqual(expected);
  });
});

test('names are ordered by UTF-16 code units', () => {
  const names = ['\ufb33', '😀', 'a', 'B', 'é'];
  const committed = commitSlots(Object.fromEntries(names.map((name) => [name, [1, 2]])));
  expect(committed.names).toEqual(['B', 'a', 'é', '😀', '\ufb33']);
});

test('equal values of different slots and changes give different commitments', () => {
  const same: Record<string, Slot> = { a: [false, true], b: [false, true] };
  const seen = new Set<string>();
  for (let round = 0; round < 500; round++) {
    const { commitments } = commitSlots(same);
    seen.add(commitments.subarray(0, 32).toString('hex')).add(commitments.subarray(32).toString('hex'));
  }
  expect(seen.size).toBe(1_000);
});

test('slots verify against their own salts and commitments, for any JSON values', () => {
  const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 1 });
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.tuple(value, value)), (any) => {
      const { salts, commitments } = commitSlots(any);
      expect(verifySlots(any, salts, commitments)).toBe(true);
    }),
  );
});

test('a value longer than all before it commits as well', () => {
  const long: Record<string, Slot> = { body: [null, '雨'.repeat(50_000)] };
  const { salts, commitments } = commitSlots(long);
  expect(verifySlots(long, salts, commitments)).toBe(true);
  expect(createHash('sha256').update(salts).update(JSON.stringify(long.body)).digest()).toEqual(commitments);
});

test('any altered bit of salts or commitments, and any altered slot, is noticed', () => {
  const { salts, commitments } = commitSlots(slots);
  for (let bit = 0; bit < salts.length * 8; bit++) {
    const flip = (bytes: Buffer) => {
      const altered = Buffer.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      return altered;
    };
    expect(verifySlots(slots, flip(salts), commitments)).toBe(false);
    expect(verifySlots(slots, salts, flip(commitments))).toBe(false);
  }
  const { note, ...fewer } = slots;
  const swapped: Record<string, Slot> = { ...slots, amount: ['12.50', '10.00'] };
  for (const other of [fewer, swapped, { ...slots, more: note! }, { ...slots, amount: [10, '12.50'] as Slot }, {}]) {
    expect(verifySlots(other, salts, commitments)).toBe(false);
  }
  expect(verifySlots(slots, salts.subarray(32), commitments)).toBe(false);
  expect(verifySlots(slots, salts, Buffer.concat([commitments, commitments]))).toBe(false);
});

test('one slot alone can be proven by its salt', () => {
  const { salts, commitments } = commitSlots(slots);
  expect(commitSlot(slots.note!, salts.subarray(32, 64))).toEqual(commitments.subarray(32, 64));
  expect(() => commitSlot(slots.note!, salts)).toThrow(RangeError);
});

test('a value without a canonical form is never committed, and never verifies', () => {
  expect(() => commitSlots({ a: [1, undefined] })).toThrow(NotCanonicalJson);
  const { salts, commitments } = commitSlots({ a: [1, null] });
  expect(verifySlots({ a: [1, undefined] }, salts, commitments)).toBe(false);
});

test('25,000 records of 12 slots are committed in a few seconds of processor time at most', () => {
  const record = Object.fromEntries(
    Array.from({ length: 12 }, (_, n) => [`field${n}`, [`old ${n}`, `new ${n}`] as Slot]),
  );
  const start = process.cpuUsage();
  for (let n = 0; n < 25_000; n++) commitSlots(record);
  const { user, system } = process.cpuUsage(start);
  process.stdout.write(`25,000 × 12 slots: ${Math.round((user + system) / 1000)} ms of processor time\n`);
  expect((user + system) / 1000).toBeLessThan(5_000);
});
