import { createCatalogue } from '@countersign/schema';
import { approvalCatalogue } from '../cases/approval-catalogue';
import { field, object, toOne } from '../cases/case-catalogue';
import type { ApprovalLevel, ApprovalRule, Approver } from './approval-rule';
import { approverSteps } from './approver-steps';
import { checkApprovalRules } from './check-approval-rules';

const catalogue = approvalCatalogue();
const PERSON = '6f0c1a52-8f1e-4d6b-9c1e-000000000001';
const roles = ['checker', 'board'];

const level = (changed: Partial<ApprovalLevel> = {}): ApprovalLevel => ({
  id: 'level',
  level: 1,
  approver: { kind: 'role', role: 'checker' },
  quorum: 1,
  timeoutHours: null,
  escalateTo: null,
  ...changed,
});
const rule = (changed: Partial<ApprovalRule> = {}): ApprovalRule => ({
  id: 'rule',
  name: 'Prices',
  objects: ['Price'],
  actions: ['update'],
  fields: null,
  trigger: null,
  windowHours: null,
  levels: [level()],
  ...changed,
});
const withLevel = (changed: Partial<ApprovalLevel>) => rule({ levels: [level(changed)] });
const path = (...steps: string[]): Approver => ({ kind: 'path', path: steps });
const levels = (...numbers: number[]) =>
  rule({ levels: numbers.map((at, index) => level({ id: `${index}`, level: at })) });

const sound: readonly [what: string, rules: ApprovalRule[]][] = [
  ['no rule at all', []],
  ['a plain rule', [rule()]],
  [
    'a rule that says everything',
    [
      rule({
        objects: ['Price', 'Rate'],
        actions: ['create', 'update', 'delete'],
        fields: ['amount', 'account'],
        trigger: { percentChange: { amount: { gt: '10' } } },
        windowHours: 8760,
        levels: [
          level({ id: 'a', quorum: 'all', timeoutHours: 1, escalateTo: 'board' }),
          level({ id: 'b', approver: path('account', 'seller') }),
          level({ id: 'c', level: 2, approver: { kind: 'person', person: PERSON }, quorum: 'all' }),
          level({ id: 'd', level: 3, quorum: 100, timeoutHours: 8760 }),
        ],
      }),
    ],
  ],
  ['two rules', [rule(), rule({ id: 'other', name: 'Others', levels: [level({ id: 'other' })], windowHours: 1 })]],
  ['levels in any order', [levels(3, 1, 2, 1)]],
];

test.each(sound)('%s can be kept', (_, rules) => {
  expect(checkApprovalRules(catalogue, roles, rules)).toEqual([]);
});

const at = (problem: string) => `approval rule "Prices": ${problem}`;
const atLevel = (problem: string) => at(`level 1: ${problem}`);

const refused: readonly [problem: string, rules: ApprovalRule[]][] = [
  [at('it needs a name').replace('Prices', ' '), [rule({ name: ' ' })]],
  [at('it names no object'), [rule({ objects: [] })]],
  [at('object "Price" is named twice'), [rule({ objects: ['Price', 'Price'] })]],
  [at('"Prise" is not an object'), [rule({ objects: ['Prise'], fields: ['x'], trigger: {} })]],
  [at('"constructor" is not an object'), [rule({ objects: ['constructor', 'Price'] })]],
  [at('it names no action'), [rule({ actions: [] })]],
  [at('action "update" is named twice'), [rule({ actions: ['update', 'update'] })]],
  [at('"export" is not an action'), [rule({ actions: ['update', 'export' as 'update'] })]],
  [at('it names no field; leave the fields out for a rule on any of them'), [rule({ fields: [] })]],
  [at('field "amount" is named twice'), [rule({ fields: ['amount', 'amount'] })]],
  [at('Price has no field "amont"'), [rule({ fields: ['amont'] })]],
  [at('Rate has no field "currency"'), [rule({ objects: ['Price', 'Rate'], fields: ['currency'] })]],
  [
    at('Account.prices changes from its other side, Price.account'),
    [rule({ objects: ['Account'], fields: ['prices'] })],
  ],
  [at('Price.id is set by the gateway and by nobody else'), [rule({ fields: ['id'] })]],
  [at('Price.source is set by the gateway and by nobody else'), [rule({ fields: ['source'] })]],
  [at('trigger on Price: changed[0]: Price has no amont'), [rule({ trigger: { changed: ['amont'] } })]],
  [
    at('trigger on Rate: changed[0]: Rate has no currency'),
    [rule({ objects: ['Price', 'Rate'], trigger: { changed: ['currency'] } })],
  ],
  [at('trigger on Price: expected an object'), [rule({ trigger: undefined })]],
  ...[0, -1, 8761, 1.5, Number.NaN].map((hours): [string, ApprovalRule[]] => [
    at(`windowHours is ${JSON.stringify(hours)}; it must be from 1 to 8760`),
    [rule({ windowHours: hours })],
  ]),
  [at('it has no level: nobody could agree'), [rule({ levels: [] })]],
  [at('its levels are 2; they must count 1, 2, 3 without a gap'), [levels(2)]],
  [at('its levels are 1, 3; they must count 1, 2, 3 without a gap'), [levels(3, 1)]],
  [at('its levels are 0, 1; they must count 1, 2, 3 without a gap'), [levels(0, 1)]],
  [at('its levels are 1, 1.5, 2; they must count 1, 2, 3 without a gap'), [levels(1, 1.5, 2)]],
  [atLevel('"cheker" is not a declared role'), [withLevel({ approver: { kind: 'role', role: 'cheker' } })]],
  [atLevel('"ada" is not the id of a person'), [withLevel({ approver: { kind: 'person', person: 'ada' } })]],
  [
    atLevel(`${JSON.stringify(PERSON.toUpperCase())} is not the id of a person`),
    [withLevel({ approver: { kind: 'person', person: PERSON.toUpperCase() } })],
  ],
  [atLevel('path "" on Price: a path has at least one step'), [withLevel({ approver: path() })]],
  [atLevel('path "owner" on Price: Price has no owner'), [withLevel({ approver: path('owner') })]],
  [
    atLevel('path "account.prices" on Price: Account.prices does not lead to one record'),
    [withLevel({ approver: path('account', 'prices') })],
  ],
  [
    atLevel('path "account.name" on Price: Account.name does not lead to one record'),
    [withLevel({ approver: path('account', 'name') })],
  ],
  [
    atLevel('path "account" on Price: it ends at Account, not at a person or a user'),
    [withLevel({ approver: path('account') })],
  ],
  [
    atLevel('path "approver" on Price: Price has no approver'),
    [rule({ objects: ['Rate', 'Price'], levels: [level({ approver: path('approver') })] })],
  ],
  ...[0, -1, 101, 1.5].map((quorum): [string, ApprovalRule[]] => [
    atLevel(`its quorum is ${quorum}; it must be all, or a number from 1 to 100`),
    [withLevel({ quorum })],
  ]),
  [
    atLevel('its quorum is 2, but only one person is asked'),
    [withLevel({ quorum: 2, approver: { kind: 'person', person: PERSON } })],
  ],
  [
    atLevel('its quorum is 2, but only one person is asked'),
    [withLevel({ quorum: 2, approver: path('account', 'owner') })],
  ],
  ...[0, 8761].map((hours): [string, ApprovalRule[]] => [
    atLevel(`timeoutHours is ${hours}; it must be from 1 to 8760`),
    [withLevel({ timeoutHours: hours })],
  ]),
  [
    atLevel('it escalates to "bord", which is not a declared role'),
    [withLevel({ timeoutHours: 1, escalateTo: 'bord' })],
  ],
  [atLevel('it escalates, but never: it has no timeoutHours'), [withLevel({ escalateTo: 'board' })]],
  ['approval rule "rule" is there twice', [rule(), rule({ name: 'Others', levels: [level({ id: 'other' })] })]],
  ['two approval rules are called "Prices"', [rule(), rule({ id: 'other', levels: [level({ id: 'other' })] })]],
  ['level "level" of the approval rules is there twice', [rule(), rule({ id: 'other', name: 'Others' })]],
  ['level "level" of the approval rules is there twice', [rule({ levels: [level(), level()] })]],
];

test.each(refused)('%s: no such rule is kept', (problem, rules) => {
  expect(checkApprovalRules(catalogue, roles, rules)).toEqual([problem]);
});

test('every defect is named at once', () => {
  const problems = checkApprovalRules(
    catalogue,
    [],
    [rule({ objects: [], actions: [], levels: [level({ quorum: 0 })] })],
  );
  expect(problems).toEqual([
    at('it names no object'),
    at('it names no action'),
    atLevel('"checker" is not a declared role'),
    atLevel('its quorum is 0; it must be all, or a number from 1 to 100'),
  ]);
});

test('a path that ends at a user means their person', () => {
  expect(approverSteps(catalogue, 'Account', ['owner'])).toEqual(['owner']);
  expect(approverSteps(catalogue, 'Account', ['seller'])).toEqual(['seller', 'person']);
  expect(approverSteps(catalogue, 'Person', ['manager'])).toEqual(['manager']);
  expect(approverSteps(catalogue, 'Person', Array(8).fill('manager'))).toHaveLength(8);
  expect(approverSteps(catalogue, 'Person', Array(9).fill('manager'))).toBe('a path has at most 8 steps');
});

test('only a user stands for a person, and only by a relation that leads to one', () => {
  const other = createCatalogue([
    object('Person', 'system', [field('fullName')]),
    object('User', 'system', [toOne('person', 'Badge')]),
    object('Badge', 'system', [toOne('person', 'Person')]),
    object('Visit', 'billing', [toOne('user', 'User'), toOne('badge', 'Badge')]),
  ]);
  expect(approverSteps(other, 'Visit', ['badge'])).toBe('it ends at Badge, not at a person or a user');
  expect(approverSteps(other, 'Visit', ['user'])).toBe('it ends at User, not at a person or a user');
  expect(approverSteps(other, 'Visit', ['badge', 'person'])).toEqual(['badge', 'person']);
});
