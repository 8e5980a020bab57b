import * as fc from 'fast-check';
import { meetings, propertyRuns } from '../../test/property-runs';
import type { Requirement, Signature } from './chain';
import { combineRequirements } from './combine-requirements';
import { settleChain } from './settle-chain';

const demand = (key: string, level: number, quorum: number | 'all', ...eligible: string[]): Requirement => ({
  key,
  ruleId: `rule of ${key}`,
  ruleName: 'Rule',
  level,
  quorum,
  eligible: new Set(eligible),
});
const told = (requirements: readonly Requirement[]) =>
  requirements.map(({ key, level, quorum, eligible }) => `${key} ${level} ${quorum} ${[...eligible].join('')}`);
const combined = (earlier: Requirement[], today: Requirement[]) => told(combineRequirements(earlier, today));

test('what today adds is demanded too, and what today has dropped stays', () => {
  expect(combined([demand('old', 2, 1, 'p')], [demand('new', 1, 1, 'q')])).toEqual(['new 1 1 q', 'old 2 1 p']);
  expect(combined([demand('b', 1, 1, 'p'), demand('a', 1, 1, 'p')], [])).toEqual(['a 1 1 p', 'b 1 1 p']);
  expect(combined([], [])).toEqual([]);
});

test('of one demand the higher quorum stays, whichever side asks for it', () => {
  const [one, two] = [demand('a', 1, 1, 'p', 'q'), demand('a', 1, 2, 'p', 'q')];
  const all = demand('a', 1, 'all', 'p', 'q');
  const three = demand('a', 1, 3, 'p', 'q');
  expect(combined([one], [two])).toEqual(['a 1 2 pq']);
  expect(combined([two], [one])).toEqual(['a 1 2 pq']);
  expect(combined([one], [all])).toEqual(['a 1 all pq']);
  expect(combined([all], [one])).toEqual(['a 1 all pq']);
  // All of two are fewer than three: what asks for three stays, though nobody can meet it today.
  expect(combined([all], [three])).toEqual(['a 1 3 pq']);
  expect(combined([three], [all])).toEqual(['a 1 3 pq']);
});

test('where both ask for as much, the words of today stay', () => {
  expect(
    combineRequirements([{ ...demand('a', 1, 2, 'p', 'q'), ruleName: 'Then' }], [demand('a', 1, 'all', 'p', 'q')]),
  ).toEqual([demand('a', 1, 'all', 'p', 'q')]);
});

test('a demand of fewer people stands for one of more, if it asks for no fewer signatures', () => {
  expect(combined([demand('a', 1, 1, 'p', 'q')], [demand('a', 1, 1, 'p')])).toEqual(['a 1 1 p']);
  expect(combined([demand('a', 1, 1, 'p')], [demand('a', 1, 1, 'p', 'q')])).toEqual(['a 1 1 p']);
});

test('the same demand twice, once for each of two changes that are held together, is one demand', () => {
  const twice = [demand('a', 1, 1, 'p'), demand('a', 1, 1, 'p')];
  expect(combined(twice, [])).toEqual(['a 1 1 p']);
  expect(combined([], twice)).toEqual(['a 1 1 p']);
});

test('in doubt both are demanded, each under its own key', () => {
  expect(combined([demand('a', 1, 'all', 'p')], [demand('a', 1, 2, 'p', 'q')])).toEqual([
    'a 1 2 pq',
    'a~as-submitted 1 all p',
  ]);
  expect(combined([demand('a', 1, 1, 'p')], [demand('a', 1, 1, 'q')])).toEqual(['a 1 1 q', 'a~as-submitted 1 1 p']);
  expect(combined([demand('a', 2, 1, 'p')], [demand('a', 1, 1, 'p')])).toEqual(['a 1 1 p', 'a~as-submitted 2 1 p']);
  const three = [demand('a', 1, 1, 'p'), demand('a', 1, 1, 'q')];
  expect(combined(three, [demand('a', 1, 1, 'r')])).toEqual([
    'a 1 1 r',
    'a~as-submitted 1 1 p',
    'a~as-submitted~as-submitted 1 1 q',
  ]);
});

test('combining again what was combined adds nothing', () => {
  const today = [demand('a', 1, 1, 'q')];
  const once = combineRequirements([demand('a', 1, 1, 'p')], today);
  expect(told(combineRequirements(once, today))).toEqual(told(once));
});

test('whatever signatures complete the combined chain complete both chains that it was made of', () => {
  const people = ['p', 'q', 'r'];
  const requirements = fc
    .uniqueArray(
      fc.record({
        key: fc.constantFrom('a', 'b'),
        level: fc.integer({ min: 1, max: 2 }),
        quorum: fc.oneof(fc.integer({ min: 1, max: 2 }), fc.constant('all' as const)),
        eligible: fc.subarray(people, { minLength: 1 }),
      }),
      { minLength: 1, maxLength: 2, selector: ({ key }) => key },
    )
    .map((drawn) =>
      drawn.map(({ key, level, quorum, eligible }, at) => demand(key, at === 0 ? 1 : level, quorum, ...eligible)),
    );
  const ways = people.reduce<Signature[][]>(
    (found, person) =>
      found.flatMap((way) => [way, ...[1, 2].map((level) => [...way, { level, person, onBehalfOf: null }])]),
    [[]],
  );
  let completed = 0;
  fc.assert(
    fc.property(requirements, requirements, (earlier, today) => {
      const both = combineRequirements(earlier, today);
      for (const way of ways.filter((signed) => settleChain(both, signed).complete)) {
        completed += 1;
        expect(settleChain(earlier, way).complete).toBe(true);
        expect(settleChain(today, way).complete).toBe(true);
      }
    }),
    { numRuns: propertyRuns(300) },
  );
  expect(completed).toBeGreaterThan(meetings(100));
});
