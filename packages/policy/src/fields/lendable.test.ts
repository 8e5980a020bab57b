import type { Catalogue } from '@countersign/schema';
import { createCatalogue } from '@countersign/schema';
import { CASE_REVISION, caseCatalogue, field, object } from '../cases/case-catalogue';
import { casePolicy } from '../cases/case-policy';
import { compilePolicy } from '../versions/compile-policy';
import { unlendableLines } from '../versions/unlendable';

const ROLES = { clerk: [], lent: [], parent: [], heir: ['parent'] };

async function tableOf(lines: readonly string[], catalogue: Catalogue = caseCatalogue()) {
  const policy = await compilePolicy(catalogue, CASE_REVISION, casePolicy(ROLES, lines));
  const rights = { roles: ['clerk'], scopes: null, lent: ['lent'] };
  return { policy, rights, table: await policy.tableFor(rights), oracle: await policy.fullEnforcer(rights) };
}

test('a lent role adds what it allows on billing and custom objects', async () => {
  const { table, oracle } = await tableOf([
    'allow clerk see-clear Invoice.number',
    'allow lent see-clear Invoice.amount',
    'allow lent change Meter.reading',
    'allow lent update Invoice',
  ]);
  for (const answers of [table, oracle]) {
    expect(answers.see('Invoice', 'number')).toBe('clear');
    expect(answers.see('Invoice', 'amount')).toBe('clear');
    expect(answers.change('Meter', 'reading')).toBe(true);
    expect(answers.may('Invoice', 'update')).toBe(true);
  }
});

test('a lent role gives nothing about a system object, and no approval of anything', async () => {
  const { table, oracle, policy, rights } = await tableOf([
    'allow lent see-clear User.email',
    'allow lent change User.locked',
    'allow lent update User',
    'allow lent approve Invoice',
    'allow lent see-clear Invoice.amount',
    'allow lent export Invoice',
  ]);
  for (const answers of [table, oracle]) {
    expect(answers.readable('User')).toBe(false);
    expect(answers.see('User', 'email')).toBe('none');
    expect(answers.change('User', 'locked')).toBe(false);
    expect(answers.may('User', 'update')).toBe(false);
    expect(answers.may('Invoice', 'approve')).toBe(false);
    expect(answers.may('Invoice', 'export')).toBe(true);
  }
  expect(await policy.explainCell(rights, 'User', 'email', 'see-clear')).toMatchObject({ allowed: false, line: null });
  expect(await policy.rolesThatGrant(rights, 'User', 'email', 'see-clear')).toEqual(['lent']);
  expect(await policy.explainCell(rights, 'Invoice', 'amount', 'see-clear')).toMatchObject({ line: { role: 'lent' } });
});

test('an object that is new among the system objects is closed to lending from the first day', async () => {
  const grown = createCatalogue([
    ...caseCatalogue().objects.values(),
    object('MasterKey', 'system', [field('label')]),
    object('Contract', 'billing', [field('label')]),
  ]);
  const { table } = await tableOf(
    ['allow lent see-clear MasterKey.label', 'allow lent see-clear Contract.label'],
    grown,
  );
  expect(table.see('MasterKey', 'label')).toBe('none');
  expect(table.see('Contract', 'label')).toBe('clear');
});

test('a denial wins, whether it stands in an own role or in the lent one, on system objects too', async () => {
  const { table, oracle } = await tableOf([
    'allow clerk see-clear Invoice.number',
    'deny lent see-masked Invoice.number',
    'deny clerk see-masked Invoice.amount',
    'allow lent see-clear Invoice.amount',
    'allow clerk see-clear User.email',
    'allow clerk see-clear User.locked',
    'deny lent see-masked User.email',
  ]);
  for (const answers of [table, oracle]) {
    expect(answers.see('Invoice', 'number')).toBe('none');
    expect(answers.see('Invoice', 'amount')).toBe('none');
    expect(answers.see('User', 'email')).toBe('none');
    expect(answers.see('User', 'locked')).toBe('clear');
  }
});

test('a narrowed token stays narrow, whatever is lent to its holder', async () => {
  const { policy } = await tableOf(['allow lent see-clear Invoice.amount', 'allow heir see-clear Invoice.number']);
  const narrowed = { roles: ['clerk'], scopes: ['heir'], lent: ['lent'] };
  for (const answers of [await policy.tableFor(narrowed), await policy.fullEnforcer(narrowed)]) {
    expect(answers.see('Invoice', 'amount')).toBe('none');
  }
  expect(await policy.explainCell(narrowed, 'Invoice', 'amount', 'see-clear')).toMatchObject({ decidedBy: 'scopes' });
});

test('rights with something lent have a digest of their own, and equal rights share one', async () => {
  const { table, policy } = await tableOf([
    'allow lent see-clear Invoice.amount',
    'allow clerk see-clear Invoice.number',
  ]);
  const own = await policy.tableFor({ roles: ['clerk'], scopes: null });
  expect(table.digest).not.toBe(own.digest);
  const none = await policy.tableFor({ roles: ['clerk'], scopes: null, lent: ['nobody'] });
  expect(none.digest).toBe(own.digest);
});

test.each([
  ['allow heir see-clear Invoice.amount', 0],
  ['allow heir see-clear *.*', 0],
  ['deny heir see-masked User.email', 0],
  ['allow heir see-clear User.email', 1],
  ['allow parent update User', 1],
  ['allow heir approve Invoice', 1],
  ['allow parent approve *', 1],
  ['allow clerk approve Invoice', 0],
])('whether a role can be lent is told by its lines and those it inherits: %s', (line, found) => {
  expect(unlendableLines(caseCatalogue(), casePolicy(ROLES, [line]), 'heir')).toHaveLength(found);
});
