import { SeededChance } from './seeded-chance';

const many = (seed: number) => {
  const chance = new SeededChance(seed);
  return Array.from({ length: 10_000 }, () => chance.whole(0, 9));
};

test('the same seed gives the same sequence, another seed another', () => {
  expect(many(7)).toEqual(many(7));
  expect(many(7)).not.toEqual(many(8));
});

test('every number comes up about as often as every other', () => {
  const counts = new Map<number, number>();
  for (const number of many(7)) counts.set(number, (counts.get(number) ?? 0) + 1);
  expect(counts.size).toBe(10);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('an id is a UUIDv7 that tells its time', () => {
  const id = new SeededChance(7).id(Date.parse('2026-01-31T00:00:00Z'));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.parse('2026-01-31T00:00:00Z'));
});
