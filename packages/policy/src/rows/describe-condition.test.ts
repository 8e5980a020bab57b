import { sampleCatalogue } from '../../test/rows/sample-catalogue';
import type { Condition } from './condition';
import { describeCondition, describeScope } from './describe-condition';
import { parseCondition } from './parse-condition';

test.each([
  [
    {
      status: { in: ['PAID', 'OVERDUE'] },
      amount: { gt: '10' },
      account: { segment: { eq: 'ENTERPRISE' } },
    },
    'status is one of PAID, OVERDUE and amount is above 10.00 and its account has segment ENTERPRISE',
  ],
  [
    { or: [{ status: { eq: 'PAID' } }, { status: { ne: 'DRAFT' }, dueOn: { isNull: true } }] },
    'status is PAID or (status is not DRAFT and dueOn is empty)',
  ],
  [{ not: { account: { isNull: false } } }, 'not (account is not empty)'],
  [{ account: { id: { eq: '$principal.accountId' } } }, "its account has id the principal's accountId"],
  [
    { account: { region: { startsWith: "E' and true" }, contacts: { some: { email: { contains: '@b.example' } } } } },
    'for its account, (region starts with "E\' and true" and for one of its contacts, email contains @b.example)',
  ],
  [{ lines: { none: { quantity: { in: [0, 1] } } } }, 'none of its lines has quantity among 0, 1'],
  [{ account: {}, lines: { some: {} } }, 'it has a known account and it has lines'],
  [{ lines: { none: {} } }, 'it has no lines'],
  [
    { amount: { lt: '1', lte: '2', gte: '3' } },
    'amount is below 1.00 and amount is at most 2.00 and amount is at least 3.00',
  ],
  [
    { and: [{ status: { eq: 'PAID' } }, { or: [{ dueOn: { isNull: true } }, { dueOn: { eq: '2026-01-31' } }] }] },
    'status is PAID and (dueOn is empty or dueOn is 2026-01-31)',
  ],
  [{ account: { rank: { ne: 1 } } }, 'for its account, rank is not 1'],
  [{ account: { or: [] } }, 'for its account, never'],
  [{ account: { region: { in: [] } } }, 'its account has region among nothing'],
  [{ account: { region: { in: ['a b', 'c'] } } }, 'its account has region among "a b", c'],
  [{ account: { region: { eq: 'EMEA now' } } }, 'its account has region "EMEA now"'],
  [{ account: { region: { eq: '' } } }, 'its account has region ""'],
  [{}, 'always'],
  [{ or: [] }, 'never'],
])('%j reads as English', (json, expected) => {
  const condition = parseCondition(sampleCatalogue, 'Invoice', json, { allowPrincipal: true });
  expect(describeCondition(sampleCatalogue, 'Invoice', condition)).toBe(expected);
});

test('a scope reads as the records that it admits', () => {
  expect(describeScope(sampleCatalogue, 'Invoice', { kind: 'always' })).toBe('every record');
  expect(describeScope(sampleCatalogue, 'Invoice', { kind: 'never' })).toBe('no record');
  const condition = parseCondition(sampleCatalogue, 'Invoice', { status: { eq: 'PAID' } }, { allowPrincipal: false });
  expect(describeScope(sampleCatalogue, 'Invoice', { kind: 'only-where', condition })).toBe(
    'records where status is PAID',
  );
});

test('what only the walker of a request can make reads as well', () => {
  const asked = { from: 'request', slot: 1 } as const;
  const tell = (condition: Condition) => describeCondition(sampleCatalogue, 'Invoice', condition);
  expect(tell({ kind: 'compare', field: 'amount', operator: 'eq', operand: asked })).toBe(
    'amount is the value given with the request',
  );
  expect(tell({ kind: 'isNull', field: 'dueOn', operand: asked })).toBe(
    'whether dueOn is empty is the value given with the request',
  );
  expect([tell({ kind: 'all', of: [] }), tell({ kind: 'any', of: [] })]).toEqual(['always', 'never']);
  const one = { kind: 'any', of: [{ kind: 'constant', value: false }] } as const;
  expect(tell({ kind: 'all', of: [one, one] })).toBe('never and never');
  expect(tell({ kind: 'step', relation: 'account', quantifier: 'one', of: one })).toBe('for its account, never');
});

test.each(['amount', 'colour'])('a step over %s, which is no relation, is a defect of the caller', (relation) => {
  const of = { kind: 'constant', value: true } as const;
  expect(() =>
    describeCondition(sampleCatalogue, 'Invoice', { kind: 'step', relation, quantifier: 'one', of }),
  ).toThrow(`Invoice has no relation ${relation}`);
});
