import { sampleCatalogue } from '../../test/rows/sample-catalogue';
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
