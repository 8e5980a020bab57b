import * as fc from 'fast-check';
import { meetings, propertyRuns } from '../../test/property-runs';
import type { Requirement, Signature } from './chain';
import { settleChain } from './settle-chain';

const demand = (key: string, level: number, quorum: number | 'all', ...eligible: string[]): Requirement => ({
  key,
  ruleId: `rule of ${key}`,
  ruleName: `Rule ${key}`,
  level,
  quorum,
  eligible: new Set(eligible),
});
const sign = (level: number, person: string, onBehalfOf: string | null = null): Signature => ({
  level,
  person,
  onBehalfOf,
});
const given = (requirements: Requirement[], signatures: Signature[]) =>
  Object.fromEntries(
    settleChain(requirements, signatures).levels.flatMap(({ requirements: states }) =>
      states.map((state) => [state.key, `${state.given}/${state.needed}`]),
    ),
  );

test('a level is signed when every requirement on it has its own people', () => {
  const requirements = [demand('a', 1, 1, 'ada', 'ben'), demand('b', 1, 1, 'ada'), demand('c', 2, 1, 'cy')];
  expect(given(requirements, [sign(1, 'ada')])).toEqual({ a: '1/1', b: '0/1', c: '0/1' });
  expect(settleChain(requirements, [sign(1, 'ada'), sign(1, 'ben')])).toMatchObject({ current: 2, complete: false });
  expect(settleChain(requirements, [sign(1, 'ada'), sign(1, 'ben'), sign(2, 'cy')])).toEqual({
    levels: [
      {
        level: 1,
        requirements: [
          { key: 'a', needed: 1, given: 1, complete: true },
          { key: 'b', needed: 1, given: 1, complete: true },
        ],
        complete: true,
      },
      { level: 2, requirements: [{ key: 'c', needed: 1, given: 1, complete: true }], complete: true },
    ],
    current: null,
    complete: true,
    hopeless: [],
  });
});

test('who signed for one requirement moves to another when somebody comes who can only sign for the first', () => {
  const requirements = [demand('a', 1, 1, 'ada', 'ben'), demand('b', 1, 1, 'ada', 'cy'), demand('c', 1, 1, 'cy')];
  const signatures = [sign(1, 'ada'), sign(1, 'cy')];
  expect(given(requirements, signatures)).toEqual({ a: '1/1', b: '1/1', c: '0/1' });
  expect(settleChain(requirements, [...signatures, sign(1, 'ben')]).complete).toBe(true);
});

test('where one signature could serve two requirements, the one that takes fewer people is met first', () => {
  const requirements = [demand('a', 1, 2, 'ada', 'ben'), demand('b', 1, 1, 'ada', 'ben')];
  expect(given(requirements, [sign(1, 'ada')])).toEqual({ a: '0/2', b: '1/1' });
});

test('nothing demanded is nothing agreed: no requirement, an empty level and nobody eligible are never met', () => {
  expect(settleChain([], [])).toEqual({
    levels: [{ level: 1, requirements: [], complete: false }],
    current: 1,
    complete: false,
    hopeless: [],
  });
  expect(settleChain([], [sign(1, 'ada')]).complete).toBe(false);
  const gap = [demand('a', 1, 1, 'ada'), demand('c', 3, 1, 'cy')];
  expect(settleChain(gap, [sign(1, 'ada'), sign(3, 'cy')])).toMatchObject({ current: 2, complete: false });
  expect(settleChain([...gap].reverse(), [sign(1, 'ada'), sign(3, 'cy')])).toMatchObject({
    current: 2,
    complete: false,
  });
  expect(settleChain([demand('c', 2, 1, 'cy')], [sign(2, 'cy')])).toMatchObject({ current: 1, complete: false });
  for (const quorum of [1, 'all', 0, -1, Number.NaN] as const) {
    expect(settleChain([demand('a', 1, quorum)], [sign(1, 'ada')])).toMatchObject({ current: 1, complete: false });
  }
});

test('all means everybody who is eligible today', () => {
  const requirements = [demand('a', 1, 'all', 'ada', 'ben')];
  expect(given(requirements, [sign(1, 'ada')])).toEqual({ a: '1/2' });
  expect(settleChain(requirements, [sign(1, 'ada'), sign(1, 'ben')]).complete).toBe(true);
});

test('a signature counts on its own level only', () => {
  const requirements = [demand('a', 1, 1, 'ada'), demand('b', 2, 1, 'ben')];
  expect(given(requirements, [sign(2, 'ada'), sign(1, 'ben')])).toEqual({ a: '0/1', b: '0/1' });
});

test('one person is one signature, on one level and for one requirement, whoever they sign for', () => {
  const twoLevels = [demand('a', 1, 1, 'ada'), demand('b', 2, 1, 'ada', 'ben')];
  expect(given(twoLevels, [sign(1, 'ada'), sign(2, 'ada')])).toEqual({ a: '1/1', b: '0/1' });
  expect(given([demand('a', 1, 2, 'ada', 'ben')], [sign(1, 'ada'), sign(1, 'ada')])).toEqual({ a: '1/2' });
  // On behalf of Ben: Ben's right counts, and both are used up.
  expect(given([demand('a', 1, 2, 'ada', 'ben')], [sign(1, 'cy', 'ben')])).toEqual({ a: '1/2' });
  expect(given([demand('a', 1, 2, 'ada', 'ben')], [sign(1, 'ada', 'ben'), sign(1, 'ada')])).toEqual({ a: '1/2' });
  expect(given([demand('a', 1, 2, 'ada', 'ben')], [sign(1, 'cy', 'ben'), sign(1, 'ben')])).toEqual({ a: '1/2' });
  expect(given([demand('a', 1, 2, 'ada', 'ben')], [sign(1, 'cy', 'ben'), sign(1, 'cy', 'ada')])).toEqual({ a: '1/2' });
  expect(given([demand('a', 1, 2, 'ada', 'ben')], [sign(1, 'cy', 'ben'), sign(1, 'dee', 'ada')])).toEqual({ a: '2/2' });
});

test('nobody signs for somebody by being eligible themselves', () => {
  expect(given([demand('a', 1, 1, 'ada')], [sign(1, 'ada', 'ben')])).toEqual({ a: '0/1' });
});

test('the maker counts for nobody, and nobody counts for the maker', () => {
  const requirements = [demand('a', 1, 1, 'mia', 'ada')];
  const maker = new Set(['mia']);
  for (const signature of [sign(1, 'mia'), sign(1, 'mia', 'ada'), sign(1, 'ada', 'mia')]) {
    expect(settleChain(requirements, [signature], maker).complete).toBe(false);
  }
  expect(settleChain(requirements, [sign(1, 'ada')], maker).complete).toBe(true);
  expect(settleChain([demand('a', 1, 1, 'mia')], [], maker).hopeless).toMatchObject([{ reason: 'nobody-eligible' }]);
  expect(settleChain([demand('a', 1, 'all', 'mia', 'ada')], [sign(1, 'ada')], maker).complete).toBe(true);
});

test('what nobody could bring about any more is named, with the reason', () => {
  const reasons = (requirements: Requirement[], signatures: Signature[]) =>
    settleChain(requirements, signatures).hopeless.map(({ key, reason }) => `${key} ${reason}`);
  expect(settleChain([demand('a', 1, 1)], []).hopeless).toEqual([
    { key: 'a', level: 1, ruleId: 'rule of a', ruleName: 'Rule a', reason: 'nobody-eligible' },
  ]);
  expect(reasons([demand('a', 1, 2, 'ada')], [])).toEqual(['a too-few-people']);
  expect(reasons([demand('a', 1, 1, 'ada'), demand('b', 1, 1, 'ada')], [])).toEqual(['b too-few-people']);
  expect(reasons([demand('a', 1, 1, 'ada'), demand('b', 2, 1, 'ada')], [])).toEqual(['b too-few-people']);
  expect(reasons([demand('a', 1, 1, 'ada', 'ben'), demand('b', 2, 1, 'ada')], [])).toEqual([]);
  expect(reasons([demand('a', 1, 1, 'ada', 'ben'), demand('b', 2, 1, 'ada')], [sign(1, 'ada')])).toEqual([
    'b too-few-people',
  ]);
  // Who signs for somebody has used up their own voice.
  expect(reasons([demand('a', 1, 'all', 'ada', 'ben')], [sign(1, 'ada', 'ben')])).toEqual(['a too-few-people']);
  expect(reasons([demand('a', 1, 'all', 'ada', 'ben')], [sign(1, 'cy', 'ben')])).toEqual([]);
});

const PEOPLE = ['p', 'q', 'r', 's'];
const requirements = fc
  .array(
    fc.record({
      level: fc.integer({ min: 1, max: 2 }),
      quorum: fc.oneof(fc.constant(1), fc.constant(2), fc.constant('all' as const)),
      eligible: fc.oneof({ weight: 1, arbitrary: fc.subarray(PEOPLE) }, { weight: 3, arbitrary: fc.constant(PEOPLE) }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) =>
    // The first stands on level 1, for a chain without it is never complete.
    all.map(({ level, quorum, eligible }, at) => demand(`key ${at}`, at === 0 ? 1 : level, quorum, ...eligible)),
  );
const signatures = fc.array(
  fc.record({
    level: fc.integer({ min: 1, max: 2 }),
    person: fc.constantFrom(...PEOPLE),
    onBehalfOf: fc.option(fc.constantFrom(...PEOPLE), { freq: 2 }),
  }),
  { minLength: 1, maxLength: 5 },
);

/** The definition, tried out: is there a way to give every signature to at most one requirement that meets them all? */
function couldBeMet(wanted: readonly Requirement[], signed: readonly Signature[]): boolean {
  const levels = wanted.map(({ level }) => level);
  if (!levels.includes(1)) return false;
  const walk = (index: number, used: ReadonlySet<string>, got: readonly number[]): boolean => {
    if (
      wanted.every(({ quorum, eligible }, at) => got[at]! >= (quorum === 'all' ? Math.max(1, eligible.size) : quorum))
    ) {
      return true;
    }
    const signature = signed[index];
    if (!signature) return false;
    if (walk(index + 1, used, got)) return true;
    const people = [signature.person, signature.onBehalfOf ?? signature.person];
    if (people.some((person) => used.has(person))) return false;
    return wanted.some(
      ({ level, eligible }, at) =>
        level === signature.level &&
        eligible.has(people[1]!) &&
        walk(
          index + 1,
          new Set([...used, ...people]),
          got.map((count, other) => (other === at ? count + 1 : count)),
        ),
    );
  };
  return walk(
    0,
    new Set(),
    wanted.map(() => 0),
  );
}

test('a chain is complete exactly when some way to count its signatures, nobody twice, meets every requirement', () => {
  let complete = 0;
  fc.assert(
    fc.property(requirements, signatures, (wanted, signed) => {
      const settled = settleChain(wanted, signed).complete;
      if (settled) complete += 1;
      expect(settled).toBe(couldBeMet(wanted, signed));
    }),
    { numRuns: propertyRuns(2000) },
  );
  expect(complete).toBeGreaterThan(meetings(100));
});

test('the order of signatures and of requirements changes nothing', () => {
  fc.assert(
    fc.property(requirements, signatures, fc.infiniteStream(fc.nat()), (wanted, signed, order) => {
      const shuffled = <T>(items: readonly T[]) =>
        items
          .map((item) => ({ item, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ item }) => item);
      const settled = settleChain(wanted, signed);
      expect(settleChain(shuffled(wanted), shuffled(signed))).toEqual(settled);
    }),
    { numRuns: propertyRuns(500) },
  );
});

test('one more requirement never completes a chain or a level', () => {
  fc.assert(
    fc.property(requirements, signatures, requirements, (wanted, signed, [more]) => {
      const fewer = settleChain(wanted, signed);
      const grown = settleChain([...wanted, { ...more!, key: 'one more' }], signed);
      expect(grown.complete && !fewer.complete).toBe(false);
    }),
    { numRuns: propertyRuns(1000) },
  );
});

test('one more signature never takes completeness away or leads back to a lower level', () => {
  fc.assert(
    fc.property(requirements, signatures, signatures, (wanted, signed, [more]) => {
      if (!more) return;
      const [before, after] = [settleChain(wanted, signed), settleChain(wanted, [...signed, more])];
      expect(before.complete && !after.complete).toBe(false);
      if (before.current !== null && after.current !== null)
        expect(after.current).toBeGreaterThanOrEqual(before.current);
    }),
    { numRuns: propertyRuns(1000) },
  );
});

test('one more signature of people who have not signed never un-meets a requirement', () => {
  fc.assert(
    fc.property(
      requirements,
      fc.shuffledSubarray(PEOPLE),
      fc.array(fc.integer({ min: 1, max: 2 })),
      (wanted, people, at) => {
        const signed = people.map((person, index) => sign(at[index] ?? 1, person));
        for (let count = 0; count < signed.length; count += 1) {
          const before = given(wanted, signed.slice(0, count));
          const after = given(wanted, signed.slice(0, count + 1));
          for (const [key, text] of Object.entries(before)) {
            expect(Number.parseInt(after[key]!, 10)).toBeGreaterThanOrEqual(Number.parseInt(text, 10));
          }
        }
      },
    ),
    { numRuns: propertyRuns(500) },
  );
});

test('a requirement is hopeless exactly when not even everybody who has not signed could complete the chain', () => {
  fc.assert(
    fc.property(requirements, fc.shuffledSubarray(PEOPLE, { maxLength: 2 }), (wanted, people) => {
      const signed = people.map((person) => sign(1, person));
      const rest = PEOPLE.filter((person) => !people.includes(person));
      const ways = rest.reduce<Signature[][]>(
        (found, person) => found.flatMap((way) => [way, [...way, sign(1, person)], [...way, sign(2, person)]]),
        [signed],
      );
      const possible = ways.some((way) => couldBeMet([demand('floor', 1, 1, 'x'), ...wanted], [sign(1, 'x'), ...way]));
      expect(settleChain(wanted, signed).hopeless.length === 0).toBe(possible);
    }),
    { numRuns: propertyRuns(300) },
  );
});

test('a tangle of signatures that share people is settled in time, and never counts anybody twice', () => {
  const people = Array.from({ length: 40 }, (_, index) => `person ${index}`);
  const tangle = people.flatMap((person, index) => [sign(1, person), sign(1, person, people[(index + 1) % 40]!)]);
  const state = settleChain([demand('a', 1, 'all', ...people)], tangle);
  expect(state.levels[0]!.requirements[0]!.given).toBeLessThanOrEqual(40);
  expect(settleChain([demand('a', 1, 40, ...people.slice(0, 39))], tangle).complete).toBe(false);
});
