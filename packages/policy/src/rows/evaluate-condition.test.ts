import { sampleCatalogue } from '../../test/rows/sample-catalogue';
import { not } from './combine';
import type { Condition, PrincipalValues, RowScope } from './condition';
import { type ConditionRecord, evaluateCondition, scopeAdmits, type Truth } from './evaluate-condition';
import { parseCondition } from './parse-condition';

const PRINCIPAL: PrincipalValues = {
  userId: null,
  personId: null,
  accountId: null,
  region: 'EMEA',
  email: null,
  clientId: null,
};

/** Answers for one record and what its relations lead to: the condition's and that of its opposite. */
function ask(
  object: string,
  json: unknown,
  record: ConditionRecord,
  relations: Record<string, unknown> = {},
): [Truth, Truth] {
  const condition = parseCondition(sampleCatalogue, object, json, { allowPrincipal: true });
  const related = (_object: string, _record: ConditionRecord, relation: string) =>
    relations[relation] as ConditionRecord | null;
  const ctx = { catalogue: sampleCatalogue, object, principal: PRINCIPAL, related };
  return [evaluateCondition(condition, record, ctx), evaluateCondition(not(condition), record, ctx)];
}

const ID = '0198a000-aaa0-7000-8000-000000000001';
const YES = [true, false];
const NO = [false, true];
const UNKNOWN = [null, null];

test.each([
  ['a comparison with null is unknown, whichever way round', { region: { eq: 'EMEA' } }, { region: null }, UNKNOWN],
  ['ne does not match null', { region: { ne: 'EMEA' } }, { region: null }, UNKNOWN],
  ['a value that the principal lacks is unknown', { region: { eq: '$principal.email' } }, { region: 'EMEA' }, UNKNOWN],
  ['a value of the principal is compared', { region: { eq: '$principal.region' } }, { region: 'EMEA' }, YES],
  ['isNull is never unknown', { region: { isNull: true } }, { region: null }, YES],
  ['isNull can ask for a value', { region: { isNull: false } }, { region: null }, NO],
  ['false and unknown is false', { region: { eq: 'x' }, rank: { eq: 1 } }, { region: null, rank: 2 }, NO],
  ['true and unknown is unknown', { region: { eq: 'x' }, rank: { eq: 1 } }, { region: null, rank: 1 }, UNKNOWN],
  ['true or unknown is true', { or: [{ region: { eq: 'x' } }, { rank: { eq: 1 } }] }, { region: null, rank: 1 }, YES],
  [
    'false or unknown is unknown',
    { or: [{ region: { eq: 'x' } }, { rank: { eq: 1 } }] },
    { region: null, rank: 2 },
    UNKNOWN,
  ],
  ['an empty list matches nothing, null included', { region: { in: [] } }, { region: null }, NO],
  ['a list matches each of its values', { region: { in: ['a', 'b'] } }, { region: 'b' }, YES],
  ['a list of values does not match null', { region: { in: ['a'] } }, { region: null }, UNKNOWN],
  ['texts contain a part', { region: { contains: 'ME' } }, { region: 'EMEA' }, YES],
  ['texts start with their beginning alone', { region: { startsWith: 'ME' } }, { region: 'EMEA' }, NO],
  ['false comes before true', { active: { eq: true } }, { active: false }, NO],
  ['uuids differ by no capitals', { id: { eq: ID } }, { id: ID.toUpperCase() }, YES],
  ['dates compare', { since: { lt: '2024-02-01' } }, { since: '2024-01-31' }, YES],
  ['enums compare by their names', { segment: { ne: 'SMB' } }, { segment: 'MID' }, YES],
  ['a list with an unknown matches what it has', { region: { in: ['a', '$principal.email'] } }, { region: 'a' }, YES],
  [
    'a list with an unknown is unknown otherwise',
    { region: { in: ['a', '$principal.email'] } },
    { region: 'b' },
    UNKNOWN,
  ],
  ['a missing value is unknown, even for isNull', { region: { isNull: true } }, {}, UNKNOWN],
  ['decimals compare as numbers', { creditLimit: { lt: '9.00' } }, { creditLimit: '10.00' }, NO],
  ['decimals compare without their trailing zeros', { creditLimit: { eq: '10' } }, { creditLimit: '10.0' }, YES],
  [
    'decimals beyond 2^53 compare exactly',
    { creditLimit: { eq: '999999999999.99' } },
    { creditLimit: '999999999999.98' },
    NO,
  ],
  ['texts sort by their UTF-8 bytes', { region: { gt: '\uFF5E' } }, { region: '\u{1F600}' }, YES],
  ['capitals and small letters differ', { region: { startsWith: 'em' } }, { region: 'EMEA' }, NO],
  ['contains knows no patterns', { region: { contains: '%' } }, { region: 'EMEA' }, NO],
  [
    'timestamps are instants',
    { seenAt: { eq: '2024-01-01T01:00:00+01:00' } },
    { seenAt: new Date('2024-01-01T00:00:00Z') },
    YES,
  ],
])('%s', (_title, json, record, expected) => {
  expect(ask('Account', json, record)).toEqual(expected);
});

describe('steps', () => {
  const inEmea = { account: { region: { eq: 'EMEA' } } };
  test('a step to a parent has the value of the condition on the parent', () => {
    const account = '0198a000-aaa0-7000-8000-000000000001';
    expect(ask('Invoice', inEmea, { account }, { account: { region: 'EMEA' } })).toEqual(YES);
    expect(ask('Invoice', inEmea, { account }, { account: { region: 'APAC' } })).toEqual(NO);
    expect(ask('Invoice', inEmea, { account }, { account: { region: null } })).toEqual(UNKNOWN);
  });

  test('a parent that is null or hidden is unknown, so that not does not match it either', () => {
    expect(ask('Invoice', inEmea, { account: null }, { account: null })).toEqual(UNKNOWN);
    expect(ask('Invoice', inEmea, { account: 'hidden' }, { account: null })).toEqual(UNKNOWN);
    expect(ask('Invoice', { account: {} }, { account: null }, { account: null })).toEqual(UNKNOWN);
    expect(ask('Invoice', { account: { isNull: true } }, { account: 'hidden' }, { account: null })).toEqual(YES);
  });

  test('some and none speak about the set of children and are never unknown', () => {
    const some = { contacts: { some: { email: { eq: 'a@b.example' } } } };
    const none = { contacts: { none: { email: { eq: 'a@b.example' } } } };
    expect(ask('Account', some, {}, { contacts: [] })).toEqual(NO);
    expect(ask('Account', some, {}, { contacts: [{ email: null }] })).toEqual(NO);
    expect(ask('Account', none, {}, { contacts: [{ email: null }] })).toEqual(YES);
    expect(ask('Account', some, {}, { contacts: [{ email: null }, { email: 'a@b.example' }] })).toEqual(YES);
  });
});

test.each<[string, unknown[], Truth[]]>([
  ['lt', [1, 2, 3], [true, false, false]],
  ['lte', [1, 2, 3], [true, true, false]],
  ['eq', [1, 2, 3], [false, true, false]],
  ['ne', [1, 2, 3], [true, false, true]],
  ['gte', [1, 2, 3], [false, true, true]],
  ['gt', [1, 2, 3], [false, false, true]],
])('%s answers below, at and above its value', (operator, values, verdicts) => {
  const numbers = values.map((rank) => ask('Account', { rank: { [operator]: 2 } }, { rank })[0]);
  expect(numbers).toEqual(verdicts);
  const dates = values.map(
    (day) => ask('Account', { since: { [operator]: '2024-01-02' } }, { since: `2024-01-0${day}` })[0],
  );
  expect(dates).toEqual(verdicts);
});

describe('values of a request', () => {
  const slot = { from: 'request', slot: 'first' } as const;
  const answer = (condition: Condition, record: ConditionRecord, request?: (slot: unknown) => unknown) =>
    evaluateCondition(condition, record, {
      catalogue: sampleCatalogue,
      object: 'Account',
      principal: PRINCIPAL,
      related: () => null,
      ...(request && { request }),
    });
  const rank: Condition = { kind: 'compare', field: 'rank', operator: 'eq', operand: slot };
  const listed: Condition = { kind: 'compare', field: 'rank', operator: 'in', operand: slot };
  const empty: Condition = { kind: 'isNull', field: 'rank', operand: slot };

  test('are asked for by their slot, and one that is missing is unknown', () => {
    expect(answer(rank, { rank: 1 }, (asked) => (asked === 'first' ? 1 : 2))).toBe(true);
    expect(answer(rank, { rank: 1 }, () => undefined)).toBeNull();
    expect(answer(listed, { rank: 1 }, () => [2, 1])).toBe(true);
    expect(answer(listed, { rank: 1 }, () => [2, undefined])).toBeNull();
    expect(answer(listed, { rank: 1 }, () => null)).toBeNull();
    expect(answer(empty, { rank: null }, () => true)).toBe(true);
    expect(answer(empty, { rank: null }, () => null)).toBeNull();
  });

  test('are an error where there is no request, or no list for a list', () => {
    expect(() => answer(rank, { rank: 1 })).toThrow('there is no request');
    expect(() => answer(listed, { rank: 1 }, () => 1)).toThrow('Account.rank in: the operand is not a list');
  });

  test('a condition that does not fit the catalogue is an error and never an answer', () => {
    const of: Condition = { kind: 'constant', value: true };
    const literal = { from: 'literal', value: true } as const;
    for (const [condition, problem] of [
      [{ kind: 'isNull', field: 'contacts', operand: literal }, 'Account.contacts cannot be null'],
      [{ kind: 'isNull', field: 'colour', operand: literal }, 'Account.colour cannot be null'],
      [{ kind: 'compare', field: 'owner', operator: 'eq', operand: literal }, 'Account has no field owner'],
      [{ kind: 'compare', field: 'colour', operator: 'eq', operand: literal }, 'Account has no field colour'],
      [{ kind: 'compare', field: 'extra', operator: 'eq', operand: literal }, 'JSON values are not compared'],
      [{ kind: 'compare', field: 'active', operator: 'eq', operand: literal }, 'Expected true or false, not a string'],
      [{ kind: 'compare', field: 'region', operator: 'eq', operand: literal }, 'Expected a text, not a boolean'],
      [{ kind: 'step', relation: 'rank', quantifier: 'one', of }, 'Account has no relation rank'],
      [{ kind: 'step', relation: 'colour', quantifier: 'one', of }, 'Account has no relation colour'],
      [{ kind: 'step', relation: 'owner', quantifier: 'some', of }, 'Account.owner cannot be stepped through by some'],
      [
        { kind: 'step', relation: 'contacts', quantifier: 'one', of },
        'Account.contacts cannot be stepped through by one',
      ],
    ] as const) {
      const record = { rank: 1, region: 'EMEA', active: 'yes', extra: {} };
      expect(() => answer(condition, record)).toThrow(problem);
    }
  });
});

test('a record lies in a scope only where that is known', () => {
  const ctx = { catalogue: sampleCatalogue, object: 'Account', principal: PRINCIPAL, related: () => null };
  const condition = parseCondition(sampleCatalogue, 'Account', { region: { eq: 'EMEA' } }, { allowPrincipal: false });
  const admits = (scope: RowScope, region: string | null) => scopeAdmits(scope, { region }, ctx);
  expect([admits({ kind: 'always' }, null), admits({ kind: 'never' }, 'EMEA')]).toEqual([true, false]);
  const where = { kind: 'only-where', condition } as const;
  expect([admits(where, 'EMEA'), admits(where, 'APAC'), admits(where, null)]).toEqual([true, false, false]);
});

test('a value of the wrong kind is an error and never an answer', () => {
  expect(() => ask('Account', { rank: { eq: 1 } }, { rank: 'one' })).toThrow('Expected a decimal');
  expect(() => ask('Account', { seenAt: { lt: '2024-01-01T00:00:00Z' } }, { seenAt: 'soon' })).toThrow(
    'Expected a timestamp',
  );
});
