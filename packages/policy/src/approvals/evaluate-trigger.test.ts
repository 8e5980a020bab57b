import * as fc from 'fast-check';
import { propertyRuns } from '../../test/property-runs';
import { approvalCatalogue } from '../cases/approval-catalogue';
import type { ConditionRecord } from '../rows/evaluate-condition';
import type { ChangeUnderReview } from './change-under-review';
import { evaluateTrigger, triggerHolds } from './evaluate-trigger';
import { parseTrigger } from './parse-trigger';

const catalogue = approvalCatalogue();
const ID = '6f0c1a52-8f1e-4d6b-9c1e-000000000001';
const ACCOUNT = '6f0c1a52-8f1e-4d6b-9c1e-0000000000aa';
const price: ConditionRecord = {
  id: ID,
  version: 1,
  amount: '100.00',
  units: 10,
  currency: 'EUR',
  validFrom: '2026-01-01',
  signedAt: '2026-01-01T00:00:00.000Z',
  terms: { days: 30, plan: ['a', 'b'] },
  source: 'import',
  account: ACCOUNT,
};
const accounts: Record<string, ConditionRecord> = { [ACCOUNT]: { id: ACCOUNT, region: 'EMEA', owner: null } };
const related = (object: string, record: ConditionRecord, relation: string) => {
  if (object !== 'Price' || relation !== 'account') throw new Error(`${object}.${relation} is not loaded`);
  return accounts[String(record.account)] ?? null;
};

function update(before: ConditionRecord, after: ConditionRecord): ChangeUnderReview {
  return { object: 'Price', verb: 'update', id: ID, before: { ...price, ...before }, after: { ...price, ...after } };
}
const decide = (json: unknown, change: ChangeUnderReview) =>
  evaluateTrigger(catalogue, parseTrigger(catalogue, 'Price', json), change, related);
const holds = (json: unknown, change: ChangeUnderReview) =>
  triggerHolds(catalogue, parseTrigger(catalogue, 'Price', json), change, related);
const amounts = (before: unknown, after: unknown) => update({ amount: before }, { amount: after });

const measured: readonly [json: object, before: unknown, after: unknown, verdict: boolean | null][] = [
  [{ percentChange: { amount: { gt: '10' } } }, '100.00', '110.00', false],
  [{ percentChange: { amount: { gt: '10' } } }, '100.00', '110.01', true],
  [{ percentChange: { amount: { gt: '10' } } }, '100.00', '90.00', false],
  [{ percentChange: { amount: { gt: '10' } } }, '100.00', '89.99', true],
  [{ percentChange: { amount: { gte: '10' } } }, '100.00', '110.00', true],
  [{ percentChange: { amount: { gte: '10' } } }, '100.00', '109.99', false],
  [{ percentChange: { amount: { lt: '10' } } }, '100.00', '109.99', true],
  [{ percentChange: { amount: { lt: '10' } } }, '100.00', '110.00', false],
  [{ percentChange: { amount: { lte: '10' } } }, '100.00', '90.00', true],
  [{ percentChange: { amount: { lte: '10' } } }, '100.00', '89.99', false],
  [{ percentChange: { amount: { gt: '10' } } }, '-100.00', '-110.01', true],
  [{ percentChange: { amount: { gt: '10' } } }, '-100.00', '-110.00', false],
  [{ percentChange: { amount: { gt: '10', lte: '20' } } }, '100.00', '120.00', true],
  [{ percentChange: { amount: { gt: '10', lte: '20' } } }, '100.00', '120.01', false],
  [{ percentChange: { amount: { gt: '33.333333333333' } } }, '0.03', '0.04', true],
  [{ percentChange: { amount: { gt: 10 } } }, '100.00', '110.01', true],
  [{ percentIncrease: { amount: { gt: '10' } } }, '100.00', '110.01', true],
  [{ percentIncrease: { amount: { gt: '10' } } }, '100.00', '110.00', false],
  [{ percentIncrease: { amount: { gt: '10' } } }, '100.00', '50.00', false],
  [{ percentIncrease: { amount: { lt: '10' } } }, '100.00', '50.00', true],
  [{ percentIncrease: { amount: { gt: '10' } } }, '-100.00', '-80.00', true],
  [{ percentDecrease: { amount: { gt: '10' } } }, '100.00', '89.99', true],
  [{ percentDecrease: { amount: { gt: '10' } } }, '100.00', '90.00', false],
  [{ percentDecrease: { amount: { gt: '10' } } }, '100.00', '150.00', false],
  [{ percentDecrease: { amount: { gt: '10' } } }, '-100.00', '-120.00', true],
  [{ change: { amount: { gt: '500.00' } } }, '100.00', '600.00', false],
  [{ change: { amount: { gt: '500.00' } } }, '100.00', '600.01', true],
  [{ change: { amount: { gt: '500.00' } } }, '600.01', '100.00', true],
  [{ change: { amount: { gte: '0.005' } } }, '1.00', '1.01', true],
  [{ change: { amount: { gte: '0.015' } } }, '1.00', '1.01', false],
  [{ change: { amount: { gt: '5' } } }, '0.00', '6.00', true],
  [{ percentChange: { amount: { gt: '10' } } }, '100', '110.01', true],
  [{ percentChange: { amount: { gt: '10' } } }, '100.00', '110', false],
  [{ change: { amount: { lte: '10' } } }, '100.00', '110', true],
  [{ crosses: { amount: '100.00' } }, '99.99', '101', true],
  [{ crosses: { amount: '100.00' } }, '99.99', '100.01', true],
  [{ crosses: { amount: '100.00' } }, '100.01', '99.99', true],
  [{ crosses: { amount: '100.00' } }, '99.99', '100.00', true],
  [{ crosses: { amount: '100.00' } }, '100.01', '100.00', true],
  [{ crosses: { amount: '100.00' } }, '100.00', '100.01', true],
  [{ crosses: { amount: '100.00' } }, '100.00', '99.99', true],
  [{ crosses: { amount: '100.00' } }, '100.00', '100.00', false],
  [{ crosses: { amount: '100.00' } }, '99.98', '99.99', false],
  [{ crosses: { amount: '100.00' } }, '100.01', '500.00', false],
  [{ crosses: { amount: '-5.00' } }, '-6.00', '-4.00', true],
];

test.each(measured)('%j from %s to %s is %s', (json, before, after, verdict) => {
  expect(decide(json, amounts(before, after))).toBe(verdict);
});

const unknowable: readonly object[] = [
  { percentChange: { amount: { gt: '10' } } },
  { percentIncrease: { amount: { gt: '10' } } },
  { percentDecrease: { amount: { gt: '10' } } },
  { change: { amount: { gt: '1' } } },
  { crosses: { amount: '100.00' } },
];

describe.each(unknowable)('%j is not known, and holds,', (json) => {
  const opposite = { not: json };
  test.each([
    ['from null', amounts(null, '100.00')],
    ['to null', amounts('100.00', null)],
    ['from a value that is missing', amounts(undefined, '100.00')],
    ['to a value that is missing', amounts('100.00', undefined)],
    ['from a value that is no number', amounts('many', '100.00')],
    ['to a value that is no number', amounts('100.00', {})],
    ['for a create', { ...amounts('100.00', '100.00'), verb: 'create' as const, before: null }],
    ['for a delete', { ...amounts('100.00', '100.00'), verb: 'delete' as const, after: null }],
  ])('%s, and so does its opposite', (_, change) => {
    expect([decide(json, change), decide(opposite, change)]).toEqual([null, null]);
    expect([holds(json, change), holds(opposite, change)]).toEqual([true, true]);
  });
});

test.each(['percentChange', 'percentIncrease', 'percentDecrease'])('%s of zero is not known, and holds', (measure) => {
  for (const [before, after] of [
    ['0.00', '5.00'],
    ['0', '0.00'],
    ['-0.00', '-1.00'],
  ]) {
    for (const operator of ['gt', 'gte', 'lt', 'lte']) {
      const json = { [measure]: { amount: { [operator]: '10' } } };
      expect(decide(json, amounts(before, after))).toBeNull();
      expect(holds({ not: json }, amounts(before, after))).toBe(true);
    }
  }
});

const changes: readonly [
  members: string[],
  before: ConditionRecord,
  after: ConditionRecord,
  verdict: boolean | null,
][] = [
  [['amount'], { amount: '100.00' }, { amount: '100.0' }, false],
  [['amount'], { amount: '100.00' }, { amount: '100.01' }, true],
  [['amount'], { amount: null }, { amount: null }, false],
  [['amount'], { amount: null }, { amount: '0.00' }, true],
  [['amount'], { amount: '0.00' }, { amount: null }, true],
  [['amount'], { amount: undefined }, { amount: '1.00' }, null],
  [['amount'], { amount: '1.00' }, { amount: undefined }, null],
  [['amount'], { amount: undefined }, { amount: null }, null],
  [['terms'], { terms: undefined }, { terms: undefined }, null],
  [['terms'], {}, { terms: undefined }, null],
  [['terms'], { terms: { days: null } }, { terms: { days: null } }, false],
  [['amount'], { amount: 'many' }, { amount: '1.00' }, null],
  [['amount', 'currency'], { amount: 'many' }, { currency: 'USD' }, true],
  [['amount', 'currency'], { amount: 'many' }, {}, null],
  [['amount', 'currency'], {}, { units: 11 }, false],
  [['currency'], { currency: 'EUR' }, { currency: 'eur' }, true],
  [['account'], { account: ACCOUNT }, { account: ACCOUNT.toUpperCase() }, false],
  [['account'], { account: ACCOUNT }, { account: ID }, true],
  [['terms'], {}, { terms: { plan: ['a', 'b'], days: 30 } }, false],
  [['terms'], {}, { terms: { plan: ['b', 'a'], days: 30 } }, true],
  [['signedAt'], {}, { signedAt: new Date('2026-01-01T00:00:00.000Z') }, false],
  [['signedAt'], {}, { signedAt: '2026-01-01T00:00:00.001Z' }, true],
];

test.each(changes)('whether %j changed from %j to %j is %s', (members, before, after, verdict) => {
  expect(decide({ changed: members }, update(before, after))).toBe(verdict);
});

const images: readonly [what: string, json: object, change: ChangeUnderReview, verdict: boolean | null][] = [
  ['the record before', { before: { currency: { eq: 'EUR' } } }, update({}, { currency: 'USD' }), true],
  ['the record after', { after: { currency: { eq: 'EUR' } } }, update({}, { currency: 'USD' }), false],
  [
    'both',
    { before: { currency: { eq: 'EUR' } }, after: { currency: { eq: 'USD' } } },
    update({}, { currency: 'USD' }),
    true,
  ],
  ['a null before', { before: { currency: { eq: 'EUR' } } }, update({ currency: null }, {}), null],
  ['the parent', { after: { account: { region: { eq: 'EMEA' } } } }, update({}, {}), true],
  ['another parent', { before: { account: { region: { eq: 'APAC' } } } }, update({}, {}), false],
  ['a parent that is not there', { after: { account: { region: { eq: 'EMEA' } } } }, update({}, { account: ID }), null],
  ['a parent nobody loaded', { after: { account: { owner: { fullName: { eq: 'x' } } } } }, update({}, {}), null],
  ['the image before a create', { before: {} }, { ...update({}, {}), verb: 'create', before: null }, null],
  ['the opposite of that', { not: { before: {} } }, { ...update({}, {}), verb: 'create', before: null }, null],
  ['the image after a delete', { after: {} }, { ...update({}, {}), verb: 'delete', after: null }, null],
  ['anything at all', {}, { ...update({}, {}), verb: 'create', before: null }, true],
  ['all of nothing', { and: [{}] }, update({}, {}), true],
  ['a change of another object', { changed: ['amount'] }, { ...update({}, {}), object: 'Rate' }, null],
];

test.each(images)('a trigger on %s', (_, json, change, verdict) => {
  expect(decide(json, change)).toBe(verdict);
});

test('unknown loses against no in "and", wins over yes there, and stays unknown under "not"', () => {
  const [yes, no, unknown] = [{ changed: ['units'] }, { changed: ['currency'] }, { changed: ['amount'] }];
  const change = update({ amount: undefined }, { units: 11 });
  const table = [yes, no, unknown].flatMap((a) =>
    [yes, no, unknown].map((b) => [decide({ and: [a, b] }, change), decide({ or: [a, b] }, change)]),
  );
  expect(table).toEqual([
    [true, true],
    [false, true],
    [null, true],
    [false, true],
    [false, false],
    [false, null],
    [null, true],
    [false, null],
    [null, null],
  ]);
  expect([yes, no, unknown].map((json) => decide({ not: json }, change))).toEqual([false, true, null]);
});

const cents = fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n });
const text = (units: bigint, scale: number): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
};
const size = (units: bigint) => (units < 0n ? -units : units);

test('percentages are exact: they agree with fractions that are never rounded, on the boundary and one beside it', () => {
  const bounds = fc.record({ units: fc.bigInt({ min: 0n, max: 10n ** 8n }), scale: fc.integer({ min: 0, max: 6 }) });
  fc.assert(
    fc.property(
      cents,
      cents,
      bounds,
      fc.integer({ min: -1, max: 1 }),
      fc.boolean(),
      (base, other, bound, off, near) => {
        // before × bound % more, and one cent beside it: what rounding would get wrong.
        const share = (base * bound.units) / (100n * 10n ** BigInt(bound.scale));
        const after = near ? base + share + BigInt(off) : other;
        const change = amounts(text(base, 2), text(after, 2));
        const moved = {
          percentChange: size(after - base),
          percentIncrease: after - base,
          percentDecrease: base - after,
        };
        for (const [measure, units] of Object.entries(moved)) {
          const left = units * 100n * 10n ** BigInt(bound.scale);
          const right = bound.units * size(base);
          const expected = { gt: left > right, gte: left >= right, lt: left < right, lte: left <= right };
          for (const [operator, verdict] of Object.entries(expected)) {
            const json = { [measure]: { amount: { [operator]: text(bound.units, bound.scale) } } };
            expect(decide(json, change)).toBe(base === 0n ? null : verdict);
          }
        }
      },
    ),
    { numRuns: propertyRuns(300) },
  );
});

test('differences and thresholds are exact', () => {
  fc.assert(
    fc.property(cents, fc.bigInt({ min: -3n, max: 3n }), cents, fc.boolean(), (before, step, far, near) => {
      const after = near ? before + step : far;
      const change = amounts(text(before, 2), text(after, 2));
      for (const bound of [0n, 1n, 2n, size(far)]) {
        const difference = size(after - before);
        expect(decide({ change: { amount: { gt: text(bound, 2) } } }, change)).toBe(difference > bound);
        expect(decide({ change: { amount: { lte: text(bound, 2) } } }, change)).toBe(difference <= bound);
      }
      for (const threshold of [before, after, before + 1n, before - 1n].filter((at) => size(at) < 10n ** 13n)) {
        const between = (before <= threshold && threshold <= after) || (after <= threshold && threshold <= before);
        const json = { crosses: { amount: text(threshold, 2) } };
        expect(decide(json, change)).toBe(before !== after && between);
      }
    }),
    { numRuns: propertyRuns(300) },
  );
});
