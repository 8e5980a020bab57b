import fc from 'fast-check';
import { planChanges } from '../../src/records/plan-changes';
import { ACCOUNT } from './people';
import { create, createWorld, imageOf, traces, type World } from './world';

let world: World;
let rateClass: string;
let subscription: string;

beforeAll(async () => {
  world = await createWorld();
  const ids = await world.install(
    create('Account', ACCOUNT, 'a'),
    create('Product', { name: 'Seat', code: 'S' }, 'p'),
    create('RateClass', { name: 'Calls', unit: 'minute' }),
    create('Subscription', { accountId: '@a', productId: '@p', startsOn: '2026-01-01' }),
  );
  rateClass = ids[2]!;
  subscription = ids[3]!;
});

afterAll(() => world?.close());

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const decimal = fc
  .tuple(fc.constantFrom('', '-'), digits(1, 14), fc.option(digits(1, 7), { nil: null }))
  .map(([sign, whole, fraction]) => (fraction === null ? `${sign}${whole}` : `${sign}${whole}.${fraction}`));
const text = fc.string({ unit: 'binary', maxLength: 130 });
const instant = fc.oneof(
  fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((d) => d.toISOString()),
  fc.constantFrom(
    '2026-02-29T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-06-30T23:59:59.9+02:00',
    '0001-01-01T00:00:00+14:00',
  ),
);
const json = fc.jsonValue({ maxDepth: 6, noUnicodeString: false });

/** Applies the inputs that planning takes, and finds in the database exactly what planning made of them. */
async function storedAsPlanned(object: string, inputs: Record<string, unknown>[]): Promise<number> {
  const fit = inputs.filter(
    (input) => planChanges(world.catalogue, [create(object, input)], world.clock).userErrors.length === 0,
  );
  const ids = await world.install(...fit.map((input) => create(object, input)));
  for (const [index, id] of ids.entries()) {
    const [planned] = planChanges(world.catalogue, [create(object, fit[index]!)], world.clock).changes;
    const image = await imageOf(world, object, id);
    expect(image).toMatchObject(JSON.parse(JSON.stringify(planned!.values)));
    const [entry] = await traces(world, id);
    const traced = Object.entries(entry!.slots!).map(([name, [, value]]) => [name, value]);
    expect(Object.fromEntries(traced)).toEqual(
      Object.fromEntries(Object.entries(image!).filter(([, value]) => value !== null)),
    );
  }
  return ids.length;
}

test('whatever planning accepts, the database takes and gives back unchanged: decimals, texts and instants', async () => {
  const usage = fc.record({ quantity: decimal, usedAt: instant, source: fc.option(text), description: text });
  const inputs = fc
    .sample(usage, { seed: 11, numRuns: 600 })
    .map((input) => ({ ...input, subscriptionId: subscription, rateClassId: rateClass }));
  const written = await storedAsPlanned('UsageRecord', inputs);
  expect(written).toBeGreaterThan(100);
  expect(written).toBeLessThan(600);
});

test('whatever planning accepts, the database takes and gives back unchanged: JSON', async () => {
  const inputs = fc.sample(json, { seed: 12, numRuns: 400 }).map((tiers) => ({
    rateClassId: rateClass,
    productId: null,
    model: 'TIERED',
    currency: 'EUR',
    effectiveFrom: '2026-01-01',
    tiers,
  }));
  const [product] = await world.install(create('Product', { name: 'Call', code: 'C' }));
  const fit = inputs.filter(({ tiers }) => tiers !== null).map((input) => ({ ...input, productId: product }));
  expect(await storedAsPlanned('Price', fit)).toBeGreaterThan(150);
});

test.each([
  ['nested too deeply', Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], 1)],
  ['too long', 'x'.repeat(70_000)],
  ['a NUL in a text', { a: ['\0'] }],
  ['a NUL in a key', { 'a\0': 1 }],
  ['half a character', '\ud800'],
  ['half a character in a key', { '\udc00': 1 }],
  ['not a number', Number.NaN],
  ['a function', () => 1],
])('JSON with %s is refused', (_, tiers) => {
  const input = { model: 'TIERED', currency: 'EUR', effectiveFrom: '2026-01-01', tiers };
  const { userErrors } = planChanges(world.catalogue, [create('Price', input)], world.clock);
  expect(userErrors.map(({ field }) => field?.join('.'))).toEqual(['input.tiers']);
});
