import * as fc from 'fast-check';
import { propertyRuns } from '../../test/property-runs';
import type { Requirement, Signature } from './chain';
import { maySign, SIGNING_REFUSALS } from './may-sign';
import { settleChain } from './settle-chain';

const demand = (key: string, level: number, quorum: number | 'all', ...eligible: string[]): Requirement => ({
  key,
  ruleId: 'rule',
  ruleName: 'Rule',
  level,
  quorum,
  eligible: new Set(eligible),
});
const sign = (level: number, person: string, onBehalfOf: string | null = null): Signature => ({
  level,
  person,
  onBehalfOf,
});
const nobody = new Set<string>();
const maker = new Set(['mia']);

const chain = [demand('a', 1, 1, 'ada', 'ben', 'mia'), demand('b', 1, 1, 'bea'), demand('c', 2, 1, 'cy', 'ada')];

test('whoever is asked on the level being signed signs that level, for themselves or for somebody absent', () => {
  expect(maySign(chain, [], 'ada', null, maker)).toBe(1);
  expect(maySign(chain, [], 'bea', null, maker)).toBe(1);
  expect(maySign(chain, [], 'dee', 'ben', maker)).toBe(1);
  expect(maySign(chain, [], 'ada', 'ada', maker)).toBe(1);
  expect(maySign(chain, [sign(1, 'ben'), sign(1, 'bea')], 'ada', null, maker)).toBe(2);
});

test('nobody has a hand in their own change: not as themselves, not for another, not through another', () => {
  expect(maySign(chain, [], 'mia', null, maker)).toBe('maker');
  expect(maySign(chain, [], 'mia', 'ada', maker)).toBe('maker');
  expect(maySign(chain, [], 'ada', 'mia', maker)).toBe('maker');
  expect(maySign(chain, [], 'mia', null, nobody)).toBe(1);
});

test('who has signed, or was signed for, is used up', () => {
  expect(maySign(chain, [sign(1, 'ada')], 'ada', null, maker)).toBe('signed-before');
  expect(maySign(chain, [sign(1, 'ada'), sign(1, 'bea')], 'ada', null, maker)).toBe('signed-before');
  expect(maySign(chain, [sign(1, 'dee', 'ben')], 'dee', 'ada', maker)).toBe('signed-before');
  expect(maySign(chain, [sign(1, 'dee', 'ben')], 'dee', null, maker)).toBe('signed-before');
  expect(maySign(chain, [sign(1, 'dee', 'ben')], 'ben', null, maker)).toBe('signed-before');
  expect(maySign(chain, [sign(1, 'bea')], 'dee', 'bea', maker)).toBe('signed-before');
});

test('whom nothing asks may not sign, however much they are eligible when somebody absent is not', () => {
  expect(maySign(chain, [], 'dee', null, maker)).toBe('not-eligible');
  expect(maySign(chain, [], 'ada', 'dee', maker)).toBe('not-eligible');
  expect(maySign([], [], 'ada', null, maker)).toBe('not-eligible');
  expect(maySign([demand('a', 1, 1)], [], 'ada', null, maker)).toBe('not-eligible');
});

test('who is asked on another level, or for what is met already, waits', () => {
  expect(maySign(chain, [], 'cy', null, maker)).toBe('not-your-level');
  expect(maySign(chain, [sign(1, 'ben')], 'ada', null, maker)).toBe('not-your-level');
  const done = [sign(1, 'ben'), sign(1, 'bea'), sign(2, 'cy')];
  expect(maySign(chain, done, 'ada', null, maker)).toBe('not-your-level');
  // Level 1 is missing, so level 2 is never signed.
  expect(maySign([demand('c', 2, 1, 'cy')], [], 'cy', null, nobody)).toBe('not-your-level');
});

test('somebody else may move over, so that a newcomer is wanted after all', () => {
  const both = [demand('a', 1, 1, 'ada', 'ben'), demand('b', 1, 1, 'ada')];
  expect(maySign(both, [sign(1, 'ada')], 'ben', null, nobody)).toBe(1);
});

test('the refusals are a closed list', () => {
  expect(SIGNING_REFUSALS).toEqual(['maker', 'signed-before', 'not-eligible', 'not-your-level']);
});

test('whatever may be signed brings its level forward by one, and signing on ends only complete or without hope', () => {
  const people = ['p', 'q', 'r', 's'];
  const requirement = fc.record({
    level: fc.integer({ min: 1, max: 2 }),
    quorum: fc.oneof(fc.integer({ min: 1, max: 2 }), fc.constant('all' as const)),
    eligible: fc.subarray(people, { minLength: 1 }),
  });
  fc.assert(
    fc.property(
      fc.array(requirement, { minLength: 1, maxLength: 3 }),
      fc.shuffledSubarray(people, { minLength: 4 }),
      (drawn, order) => {
        const wanted = drawn.map(({ level, quorum, eligible }, at) =>
          demand(`key ${at}`, at === 0 ? 1 : level, quorum, ...eligible),
        );
        let signed: Signature[] = [];
        const total = () =>
          settleChain(wanted, signed)
            .levels.flatMap((level) => level.requirements)
            .reduce((sum, { given }) => sum + given, 0);
        for (const person of [...order, ...order]) {
          const verdict = maySign(wanted, signed, person, null, nobody);
          if (typeof verdict !== 'number') continue;
          expect(verdict).toBe(settleChain(wanted, signed).current);
          const before = total();
          signed = [...signed, sign(verdict, person)];
          expect(total()).toBe(before + 1);
        }
        const end = settleChain(wanted, signed);
        expect(end.complete || end.hopeless.length > 0).toBe(true);
      },
    ),
    { numRuns: propertyRuns(300) },
  );
});
