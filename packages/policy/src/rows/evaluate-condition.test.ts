import { sampleCatalogue } from '../../test/rows/sample-catalogue';
import { not } from './combine';
import type { PrincipalValues } from './condition';
import { type ConditionRecord, evaluateCondition, type Truth } from './evaluate-condition';
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

test('a value of the wrong kind is an error and never an answer', () => {
  expect(() => ask('Account', { rank: { eq: 1 } }, { rank: 'one' })).toThrow('Expected a decimal');
  expect(() => ask('Account', { seenAt: { lt: '2024-01-01T00:00:00Z' } }, { seenAt: 'soon' })).toThrow(
    'Expected a timestamp',
  );
});
