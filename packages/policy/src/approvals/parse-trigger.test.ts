import { approvalCatalogue } from '../cases/approval-catalogue';
import { describeTrigger } from './describe-trigger';
import { parseTrigger, TRIGGER_LIMITS } from './parse-trigger';
import { TriggerInvalid, triggerPaths } from './trigger';

const catalogue = approvalCatalogue();
const parse = (json: unknown, object = 'Price') => parseTrigger(catalogue, object, json);

function problemsOf(json: unknown, object = 'Price'): readonly string[] {
  try {
    parse(json, object);
    return [];
  } catch (error) {
    if (error instanceof TriggerInvalid) return error.problems;
    throw error;
  }
}

const deep = (levels: number): unknown => (levels === 0 ? {} : { not: deep(levels - 1) });

const readable: readonly [json: object, english: string][] = [
  [{}, 'always'],
  [{ and: [{}, {}] }, 'always and always'],
  [{ changed: ['amount'] }, 'amount changes'],
  [{ changed: ['currency', 'amount', 'currency'] }, 'amount or currency change'],
  [{ changed: ['units', 'currency', 'account'] }, 'account, currency or units change'],
  [{ percentChange: { amount: { gt: '10' } } }, 'amount changes by more than 10 percent'],
  [{ percentIncrease: { amount: { gte: '2.5' } } }, 'amount rises by at least 2.5 percent'],
  [{ percentDecrease: { units: { lt: 3 } } }, 'units falls by less than 3 percent'],
  [{ change: { amount: { lte: '500.00' } } }, 'amount changes by at most 500.00'],
  [{ change: { amount: { gt: '1', lt: '9' } } }, 'amount changes by more than 1 and amount changes by less than 9'],
  [
    { change: { amount: { gt: '1', lt: '9' }, units: { gt: '2' } } },
    'amount changes by more than 1 and amount changes by less than 9 and units changes by more than 2',
  ],
  [{ crosses: { amount: '100' } }, 'amount reaches, leaves or crosses 100.00'],
  [{ crosses: { units: -5 } }, 'units reaches, leaves or crosses -5'],
  [{ before: { currency: { eq: 'EUR' } } }, 'before the change, currency is EUR'],
  [
    { after: { account: { region: { eq: 'EMEA' } }, units: { gt: 3 } } },
    'after the change, (its account has region EMEA and units is above 3)',
  ],
  [{ after: { or: [{ units: { eq: 1 } }, { units: { eq: 2 } }] } }, 'after the change, (units is 1 or units is 2)'],
  [{ not: { changed: ['amount'] } }, 'not (amount changes)'],
  [{ or: [{ changed: ['amount'] }] }, 'amount changes'],
  [
    { or: [{ changed: ['amount'] }, { and: [{ changed: ['units'] }, { changed: ['currency'] }] }] },
    'amount changes or (units changes and currency changes)',
  ],
  [
    { and: [{ changed: ['amount'] }, { or: [{ changed: ['units'] }, { changed: ['currency'] }] }] },
    'amount changes and (units changes or currency changes)',
  ],
  [{ changed: ['amount'], or: [{ changed: ['units'] }] }, 'amount changes and units changes'],
  [{ changed: ['amount'], crosses: undefined }, 'amount changes'],
];

test.each(readable)('%j reads as: %s', (json, english) => {
  expect(describeTrigger(catalogue, parse(json))).toBe(english);
});

const refused: readonly [json: unknown, problems: string[]][] = [
  [null, ['expected an object']],
  [[], ['expected an object']],
  ['amount', ['expected an object']],
  [{ not: null }, ['not: expected an object']],
  [
    { amount: { gt: '10' } },
    [
      'amount: a trigger knows and, or, not, before, after, changed, percentChange, percentIncrease, percentDecrease, change, crosses',
    ],
  ],
  [{ and: {} }, ['and: expected a list of triggers that is not empty']],
  [{ and: [] }, ['and: expected a list of triggers that is not empty']],
  [{ or: [] }, ['or: expected a list of triggers that is not empty']],
  [{ or: [{}, 7] }, ['or[1]: expected an object']],
  [{ changed: [] }, ['changed: expected a list of names that is not empty']],
  [{ changed: 'amount' }, ['changed: expected a list of names that is not empty']],
  [{ changed: ['amont'] }, ['changed[0]: Price has no amont']],
  [{ changed: ['amount', 7] }, ['changed[1]: Price has no 7']],
  [{ percentChange: {} }, ['percentChange: nothing is compared']],
  [{ percentChange: { amount: {} } }, ['percentChange.amount: nothing is compared']],
  [{ percentChange: { amont: { gt: '1' } } }, ['percentChange.amont: Price has no amont']],
  [{ percentChange: { currency: { gt: '1' } } }, ['percentChange.currency: only a number can be measured']],
  [{ percentChange: { account: { gt: '1' } } }, ['percentChange.account: only a number can be measured']],
  [{ change: { validFrom: { gt: '1' } } }, ['change.validFrom: only a number can be measured']],
  [{ percentChange: { amount: { eq: '1' } } }, ['percentChange.amount.eq: a bound is one of gt, gte, lt, lte']],
  ...[['-1'], [-1], [0.5], [''], ['1.'], ['1e3'], [null], ['1'.repeat(21)], [`1.${'1'.repeat(13)}`]].map(
    ([bound]): [unknown, string[]] => [
      { change: { amount: { gt: bound } } },
      ['change.amount.gt: expected a decimal that is not negative, written as a string'],
    ],
  ),
  [{ crosses: {} }, ['crosses: nothing is compared']],
  [{ crosses: { currency: 'EUR' } }, ['crosses.currency: only a number can be measured']],
  [
    { crosses: { amount: '100.005' } },
    ['crosses.amount: expected a decimal with at most 2 decimal places, written as a string'],
  ],
  [{ crosses: { units: '100' } }, ['crosses.units: expected a whole number of 32 bits']],
  [{ before: { amont: { eq: '1' } } }, ['before: amont: Price has no amont']],
  [{ after: { account: { region: { eq: 'EU' } } } }, ['after: account.region.eq: expected one of EMEA, APAC']],
  [
    { after: { currency: { eq: '$principal.region' } } },
    ['after: currency: a trigger must not depend on who asks, so it knows no values of the principal'],
  ],
  [
    { after: { not: { or: [{ account: { owner: { id: { eq: '$principal.personId' } } } }] } } },
    ['after: account.owner.id: a trigger must not depend on who asks, so it knows no values of the principal'],
  ],
  [
    { after: { currency: { isNull: '$principal.region' } } },
    ['after: currency.isNull: $principal.region cannot be compared with a boolean'],
  ],
  [
    { before: { account: { prices: { some: { currency: { eq: '$principal.region' } } } } } },
    [
      'before: account.prices: a trigger steps to one record only; children change by themselves',
      'before: account.prices.currency: a trigger must not depend on who asks, so it knows no values of the principal',
    ],
  ],
  [deep(TRIGGER_LIMITS.depth), [`${'not.'.repeat(TRIGGER_LIMITS.depth - 1)}not: a trigger has at most 10 levels`]],
  [{ and: [{ before: 1 }, { after: 2 }] }, ['and[0].before: expected an object', 'and[1].after: expected an object']],
];

test.each(refused)('%j is refused with a reason', (json, problems) => {
  expect(problemsOf(json)).toEqual(problems);
});

test('children are no part of a change, wherever a trigger names them', () => {
  expect(problemsOf({ changed: ['prices'] }, 'Account')).toEqual([
    'changed[0]: a relation to many is no part of the record',
  ]);
});

test('a trigger has at most 100 parts and 10 levels', () => {
  expect(problemsOf(deep(TRIGGER_LIMITS.depth - 1))).toEqual([]);
  const deepLists = (levels: number): unknown =>
    levels === 1 ? {} : { [levels % 2 ? 'and' : 'or']: [deepLists(levels - 1)] };
  expect(problemsOf(deepLists(TRIGGER_LIMITS.depth))).toEqual([]);
  expect(problemsOf(deepLists(TRIGGER_LIMITS.depth + 1))).toEqual([
    expect.stringMatching(/: a trigger has at most 10 levels$/),
  ]);
  const wide = (parts: number) => ({ or: Array.from({ length: parts }, () => ({})) });
  expect(problemsOf(wide(99))).toEqual([]);
  expect(problemsOf(wide(100))).toEqual(['or: a trigger has at most 100 parts']);
  expect(problemsOf({ changed: Array.from({ length: 100 }, () => 'amount') })).toEqual([
    'changed: a trigger has at most 100 parts',
  ]);
  const words = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`word${index}`, {}]));
  expect(problemsOf(words)).toEqual(['a trigger has at most 100 parts']);
});

test('at most 20 problems are told, and never at length', () => {
  const problems = problemsOf({ or: Array.from({ length: 50 }, () => ({ changed: ['x'.repeat(500)] })) });
  expect(problems).toHaveLength(20);
  expect(Math.max(...problems.map((problem) => problem.length))).toBeLessThan(150);
  const [measured] = problemsOf({ change: { ['x'.repeat(500)]: { gt: '1' } } });
  expect(measured).toMatch(/: Price has no x{80}$/);
});

test('a trigger that is refused says so with all its problems', () => {
  const refusal = new TriggerInvalid(['and: expected an object', 'not: expected an object']);
  expect(String(refusal)).toBe(
    'TriggerInvalid: The trigger is invalid:\n- and: expected an object\n- not: expected an object',
  );
});

test('a trigger of no part at all reads as what it comes to', () => {
  const empty = (kind: 'all' | 'any') => ({ object: 'Price', term: { kind, of: [] }, paths: [], members: [] });
  expect([describeTrigger(catalogue, empty('all')), describeTrigger(catalogue, empty('any'))]).toEqual([
    'always',
    'never',
  ]);
});

test('the same trigger may fit one object and not another', () => {
  const json = { crosses: { amount: '100.005' } };
  expect(problemsOf(json, 'Rate')).toEqual([]);
  expect(problemsOf(json, 'Price')).toHaveLength(1);
});

test('a trigger names the relations to load first, those it only asks about being among them', () => {
  const trigger = parse({
    or: [
      { before: { account: { isNull: false, region: { eq: 'EMEA' } }, units: { eq: 1 } } },
      { after: { or: [{ not: { account: { seller: { isNull: true } } } }, { account: { owner: {} } }] } },
      { changed: ['currency'] },
      { not: { after: { account: { owner: { manager: { fullName: { eq: 'x' } } } } } } },
    ],
    percentChange: { amount: { gt: '10' } },
    crosses: { units: 5 },
  });
  expect(triggerPaths(trigger)).toEqual([
    ['account'],
    ['account', 'owner'],
    ['account', 'seller'],
    ['account', 'owner', 'manager'],
  ]);
  expect(trigger.members).toEqual(['account', 'amount', 'currency', 'units']);
  expect(trigger.object).toBe('Price');
  expect(parse({ before: {}, after: { not: { or: [] } } }).members).toEqual([]);
  expect(triggerPaths(parse({ changed: ['amount'], after: { currency: { isNull: true }, and: [{}] } }))).toEqual([]);
});

test('an object that the catalogue does not know is a defect of the caller', () => {
  expect(() => parse({}, 'Prise')).toThrow('No object Prise');
});
