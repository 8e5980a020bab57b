import { CASE_REVISION, caseCatalogue } from '../cases/case-catalogue';
import { casePolicy } from '../cases/case-policy';
import type { RightsClass } from '../fields/decision-table';
import { OBJECT_ACTIONS, type PermissionAction } from '../fields/levels';
import { type CompiledPolicy, compilePolicy } from './compile-policy';

const body = casePolicy(
  { base: [], clerk: ['base'], twin: ['base'], scope: [], 'no-iban': [], maker: [], 'id-only': [] },
  [
    'allow base see-clear Account.*',
    'allow clerk see-clear Invoice.*',
    'allow twin see-clear Invoice.*',
    'allow scope see-clear Invoice.number',
    'deny no-iban see-masked Invoice.iban',
    'allow scope see-masked Invoice.amount',
    'allow maker export Invoice',
    'allow maker change Invoice.amount',
    'allow maker see-masked Invoice.iban',
    'allow id-only see-clear Invoice.id',
  ],
);

let policy: CompiledPolicy;
beforeAll(async () => {
  policy = await compilePolicy(caseCatalogue(), CASE_REVISION, body);
});

const rights = (roles: string[], scopes: string[] | null = null): RightsClass => ({ roles, scopes });

test('a class is filled once: callers at the same time and later get the same table', async () => {
  const [one, other] = [policy.tableFor(rights(['clerk'])), policy.tableFor(rights(['clerk']))];
  expect(await one).toBe(await other);
  expect(await policy.tableFor(rights(['clerk']))).toBe(await one);
});

test('the order and the doubles of role names make no difference', async () => {
  expect(await policy.tableFor(rights(['scope', 'clerk', 'scope']))).toBe(
    await policy.tableFor(rights(['clerk', 'scope'])),
  );
});

test('classes whose answers are all equal have equal digests, others do not', async () => {
  const [clerk, twin, base] = await Promise.all(
    ['clerk', 'twin', 'base'].map((role) => policy.tableFor(rights([role]))),
  );
  expect(clerk!.digest).toBe(twin!.digest);
  expect(clerk!.digest).not.toBe(base!.digest);
});

test('a digest of one compilation never stands for an answer of another', async () => {
  const again = await compilePolicy(caseCatalogue(), CASE_REVISION, casePolicy({ clerk: [] }, []));
  const one = await (await compilePolicy(caseCatalogue(), CASE_REVISION, body)).tableFor(rights(['clerk']));
  expect((await again.tableFor(rights(['clerk']))).digest).not.toBe(one.digest);
});

test('no roles, no scopes and roles that the policy does not declare grant nothing', async () => {
  for (const nobody of [
    rights([]),
    rights(['gone']),
    rights(['clerk'], []),
    rights(['clerk'], ['gone']),
    rights([], ['clerk']),
  ]) {
    const table = await policy.tableFor(nobody);
    for (const object of caseCatalogue().objects.values()) {
      expect(table.readable(object.name)).toBe(false);
      for (const member of object.members) expect(table.see(object.name, member.name)).toBe('none');
    }
  }
});

test('what the catalogue does not know is denied, however it is spelt', async () => {
  const table = await policy.tableFor(rights(['clerk', 'base']));
  for (const [object, field] of [
    ['Invoice', 'amont'],
    ['Invoise', 'amount'],
    ['*', '*'],
    ['Invoice', '*'],
    ['Invoice', '-'],
    ['constructor', 'name'],
  ] as const) {
    expect(table.see(object, field)).toBe('none');
    expect(table.change(object, field)).toBe(false);
    expect((await policy.explainCell(rights(['clerk']), object, field, 'see-clear')).allowed).toBe(false);
  }
  expect(table.may('Invoise', 'create')).toBe(false);
  expect(table.may('Invoice', 'destroy' as 'delete')).toBe(false);
  expect(table.readable('Invoise')).toBe(false);
});

test('a table agrees with the verdict on each single cell', async () => {
  for (const asked of [rights(['clerk', 'no-iban']), rights(['clerk'], ['scope']), rights(['base'])]) {
    const table = await policy.tableFor(asked);
    for (const object of caseCatalogue().objects.values()) {
      for (const { name } of object.members) {
        const clear = await policy.explainCell(asked, object.name, name, 'see-clear');
        const masked = await policy.explainCell(asked, object.name, name, 'see-masked');
        expect([object.name, name, clear.allowed]).toEqual([
          object.name,
          name,
          table.see(object.name, name) === 'clear',
        ]);
        expect([object.name, name, masked.allowed]).toEqual([
          object.name,
          name,
          table.see(object.name, name) !== 'none',
        ]);
      }
    }
  }
});

test('the full enforcer answers for id, relations and unknown names as the table does', async () => {
  for (const asked of [['clerk'], ['base'], ['maker'], ['id-only'], []]
    .map((roles) => rights(roles))
    .concat(rights(['clerk'], ['scope']))) {
    const [table, oracle] = [await policy.tableFor(asked), await policy.fullEnforcer(asked)];
    for (const object of [...caseCatalogue().objects.keys(), 'Invoise']) {
      expect(oracle.readable(object)).toBe(table.readable(object));
      for (const action of OBJECT_ACTIONS) expect(oracle.may(object, action)).toBe(table.may(object, action));
      for (const field of ['id', 'account', 'invoices', 'amount', 'iban', 'amont', '*', '-']) {
        expect(oracle.see(object, field)).toBe(table.see(object, field));
        expect(oracle.change(object, field)).toBe(table.change(object, field));
      }
    }
  }
});

test('a verdict names the line, and whether the roles or the scopes of the token decided', async () => {
  const verdict = async (asked: RightsClass, field: string, action: PermissionAction, object = 'Invoice') => {
    const { allowed, line, decidedBy } = await policy.explainCell(asked, object, field, action);
    return [allowed, line?.id ?? null, decidedBy];
  };
  expect(await verdict(rights(['clerk']), 'number', 'see-clear')).toEqual([true, 'line 2', 'roles']);
  expect(await verdict(rights(['clerk']), 'id', 'see-clear')).toEqual([true, 'line 2', 'roles']);
  expect(await verdict(rights(['clerk']), 'amount', 'see-masked')).toEqual([true, 'line 2', 'roles']);
  expect(await verdict(rights(['clerk', 'no-iban']), 'iban', 'see-clear')).toEqual([false, 'line 5', 'roles']);
  expect(await verdict(rights(['clerk'], ['scope']), 'number', 'see-clear')).toEqual([true, 'line 2', 'roles']);
  expect(await verdict(rights(['clerk'], ['scope']), 'amount', 'see-clear')).toEqual([false, null, 'scopes']);
  expect(await verdict(rights(['clerk'], ['no-iban']), 'iban', 'see-clear')).toEqual([false, 'line 5', 'scopes']);
  expect(await verdict(rights(['maker']), '-', 'export')).toEqual([true, 'line 7', 'roles']);
  expect(await verdict(rights(['maker']), 'amount', 'change')).toEqual([true, 'line 8', 'roles']);
  expect(await verdict(rights(['maker']), 'iban', 'see-masked')).toEqual([true, 'line 9', 'roles']);
  expect(await verdict(rights(['maker']), 'iban', 'see-clear')).toEqual([false, null, 'roles']);
  expect(await verdict(rights(['maker']), 'id', 'see-clear')).toEqual([true, 'line 9', 'roles']);
  expect(await verdict(rights(['id-only']), 'id', 'see-clear')).toEqual([false, null, 'roles']);
  expect(await verdict(rights(['base'], ['clerk']), 'number', 'see-clear')).toEqual([false, null, 'roles']);
  for (const [field, action, object] of [
    ['invoices', 'change', 'Account'],
    ['-', 'see-clear', 'Invoice'],
    ['number', 'export', 'Invoice'],
    ['number', 'see-clear', 'Invoise'],
  ] as const) {
    expect(await verdict(rights(['clerk']), field, action, object)).toEqual([false, null, 'roles']);
  }
});

test('the roles that would grant a cell are those that Casbin lets in, for id those that show another field', async () => {
  const granting = (field: string, action: PermissionAction, held: string[] = []) =>
    policy.rolesThatGrant(rights(held), 'Invoice', field, action);
  expect(await granting('number', 'see-clear')).toEqual(['clerk', 'scope', 'twin']);
  expect(await granting('id', 'see-masked')).toEqual(['clerk', 'maker', 'scope', 'twin']);
  expect(await granting('id', 'see-clear')).toEqual(['clerk', 'maker', 'scope', 'twin']);
  expect(await granting('amount', 'see-masked')).toEqual(['clerk', 'twin']);
  expect(await granting('iban', 'see-masked')).toEqual(['clerk', 'maker', 'twin']);
  expect(await granting('iban', 'see-clear')).toEqual(['clerk', 'twin']);
  expect(await granting('amount', 'change')).toEqual(['maker']);
  expect(await granting('number', 'see-clear', ['clerk'])).not.toContain('clerk');
  expect(await granting('-', 'export')).toEqual(['maker']);
  expect(await granting('iban', 'see-masked', ['no-iban'])).toEqual([]);
  expect(await granting('-', 'delete')).toEqual([]);
});
