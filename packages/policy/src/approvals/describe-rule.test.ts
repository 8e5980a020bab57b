import { approvalCatalogue } from '../cases/approval-catalogue';
import type { ApprovalLevel, ApprovalRule } from './approval-rule';
import { describeRule } from './describe-rule';

const catalogue = approvalCatalogue();
const level = (changed: Partial<ApprovalLevel>): ApprovalLevel => ({
  id: 'level',
  level: 1,
  approver: { kind: 'role', role: 'checker' },
  quorum: 1,
  timeoutHours: null,
  escalateTo: null,
  ...changed,
});
const rule = (changed: Partial<ApprovalRule>): ApprovalRule => ({
  id: 'rule',
  name: 'Prices',
  objects: ['Price'],
  actions: ['update'],
  fields: null,
  trigger: null,
  windowHours: null,
  levels: [],
  ...changed,
});
const told = (changed: Partial<ApprovalRule>) => describeRule(catalogue, rule(changed));

test('a rule says what it gates, when, and who signs, level by level', () => {
  expect(
    told({
      objects: ['Rate', 'Price'],
      fields: ['units', 'amount'],
      trigger: { percentChange: { amount: { gt: '10' } } },
      windowHours: 24,
      levels: [
        level({ id: 'd', level: 3, approver: { kind: 'person', person: 'somebody' } }),
        level({ id: 'c', level: 2, quorum: 'all', timeoutHours: 1 }),
        level({ id: 'b', level: 1, approver: { kind: 'path', path: ['account', 'owner'] } }),
        level({ id: 'a', level: 1, quorum: 2, timeoutHours: 48, escalateTo: 'board' }),
        level({ id: 'e', level: 3 }),
      ],
    }),
  ).toEqual([
    'To create, update or delete Price or Rate in a way that touches amount or units needs approval when amount changes by more than 10 percent, or when that cannot be told.',
    'All changes of the same record within 24 hours count as one.',
    'Level 1: 2 people with the role checker must agree; after 48 hours people with the role board may agree as well.',
    'Level 1: the person that account.owner leads to must agree.',
    'Level 2: everybody with the role checker must agree; after an hour the change expires.',
    'Level 3: the person somebody must agree.',
    'Level 3: one person with the role checker must agree.',
  ]);
});

test('a rule without a trigger always applies, to the actions that it names', () => {
  expect(told({})).toEqual(['To create, update or delete Price needs approval.']);
  expect(told({ actions: ['delete', 'create'], windowHours: 1 })).toEqual([
    'To create or delete Price needs approval.',
    'All changes of the same record within an hour count as one.',
  ]);
  expect(told({ actions: ['delete'], objects: ['Rate', 'Price', 'Account'], fields: ['id'] })).toEqual([
    'To delete Account, Price or Rate in a way that touches id needs approval.',
  ]);
});

test('a trigger that reads differently on two objects is told for both, and one that cannot be read as always', () => {
  const trigger = { crosses: { amount: '5' } };
  expect(told({ objects: ['Price', 'Rate'], trigger })[0]).toContain(
    'when amount reaches, leaves or crosses 5.00; or amount reaches, leaves or crosses 5.0000, or when',
  );
  expect(told({ trigger: { changed: ['amont'] } })).toEqual([
    'To create, update or delete Price needs approval, always, because its trigger cannot be read.',
  ]);
  expect(() => told({ objects: ['Prise'], trigger })).toThrow('No object Prise');
});

test('a rule says who may comment, and that totals are told', () => {
  expect(told({ levels: [level({})], reviewers: 'audit', revealsHiddenTotals: true })).toEqual([
    'To create, update or delete Price needs approval.',
    'Level 1: one person with the role checker must agree.',
    'People with the role audit may read and comment it, and sign nothing.',
    'Checkers are told the count and the sum of records that they may not see.',
  ]);
});
