import { type DecisionTable, type RowScope, rowScopes } from '@countersign/policy';
import { builtinCatalogue } from '@countersign/schema';
import type { RecordImage } from '../database/record-image';
import { planChanges } from '../records/plan-changes';
import { compileRecords } from '../snapshot/load-policy';
import { isPolicyObject, noPolicyRecords, policyBodyOf, withChanges } from '../snapshot/policy-records';
import { BILLING, systemObjects } from './starter-objects';
import { starterPolicy, starterRoles } from './starter-policy';

const catalogue = builtinCatalogue();
const plan = planChanges(catalogue, starterPolicy(catalogue), new Date('2026-01-01T00:00:00Z'));
const records = withChanges(
  noPolicyRecords('r'),
  'r',
  plan.changes.flatMap(({ object, id, values }) =>
    isPolicyObject(object.name) ? [{ object: object.name, id, image: { id, ...values } as RecordImage }] : [],
  ),
);

async function tableOf(...roles: string[]): Promise<DecisionTable> {
  return (await compileRecords(records, catalogue, 'r')).tableFor({ roles, scopes: null });
}

function scopesOf(role: string, audience: 'staff' | 'portal', access: 'read' | 'read-write' = 'read') {
  const roleId = Object.entries(records.records.Role).find(([, image]) => image.name === role)![0];
  const groupIds = plan.changes
    .filter(({ object, values }) => object.name === 'SharingMember' && values.role === roleId)
    .map(({ values }) => String(values.group));
  return rowScopes(catalogue, policyBodyOf(records), { groupIds }, audience, access);
}

const kind = (scope: RowScope) => scope.kind;

describe('the policy that a new installation begins with', () => {
  test('is accepted as it stands, every value of it', async () => {
    expect(plan.userErrors).toEqual([]);
    expect(plan.references).toEqual([]);
    await expect(compileRecords(records, catalogue, 'r')).resolves.toBeDefined();
  });

  test('lets no role but those that enter cards name a cardholder field, and none see one clear', async () => {
    for (const { name } of starterRoles(catalogue)) {
      const table = await tableOf(name);
      const masked = ['emea-support', 'billing-operator'].includes(name) ? 'masked' : 'none';
      expect([name, table.see('PaymentMethod', 'number'), table.see('PaymentMethod', 'holder')]).toEqual([
        name,
        masked,
        masked,
      ]);
      expect([name, table.change('PaymentMethod', 'number')]).toEqual([name, name === 'billing-operator']);
    }
  });

  test('a finance analyst reads all billing data and changes nothing', async () => {
    const table = await tableOf('finance-analyst');
    for (const object of BILLING) {
      expect(table.readable(object)).toBe(true);
      for (const verb of ['create', 'update', 'delete', 'approve', 'export'] as const)
        expect(table.may(object, verb)).toBe(false);
    }
    expect(table.see('Account', 'taxId')).toBe('clear');
    expect(table.readable('Role')).toBe(false);
    expect(kind(scopesOf('finance-analyst', 'staff')('Invoice'))).toBe('always');
  });

  test('EMEA support sees its region only, contacts masked, and neither tax id nor credit limit', async () => {
    const table = await tableOf('emea-support');
    expect([table.see('Account', 'taxId'), table.see('Account', 'creditLimit')]).toEqual(['none', 'none']);
    expect([table.see('Contact', 'email'), table.see('Contact', 'street')]).toEqual(['masked', 'none']);
    expect([table.see('PaymentMethod', 'lastFour'), table.see('Invoice', 'total')]).toEqual(['clear', 'clear']);
    expect([table.change('Invoice', 'notes'), table.change('Invoice', 'total')]).toEqual([true, false]);
    expect(table.may('Invoice', 'update')).toBe(true);
    for (const object of ['Account', 'Contact', 'Invoice', 'InvoiceLine', 'Payment', 'PaymentMethod']) {
      expect([object, kind(scopesOf('emea-support', 'staff')(object))]).toEqual([object, 'only-where']);
      expect([object, kind(scopesOf('emea-support', 'staff', 'read-write')(object))]).toEqual([object, 'only-where']);
    }
    expect(kind(scopesOf('emea-support', 'staff')('Product'))).toBe('always');
  });

  test('a pricing maker writes prices and cannot approve; a checker approves and cannot write', async () => {
    const [maker, checker] = [await tableOf('pricing-maker'), await tableOf('pricing-checker')];
    for (const object of ['Product', 'Package', 'PackageItem', 'RateClass', 'Price', 'ContractRate']) {
      expect([maker.may(object, 'create'), maker.may(object, 'update'), maker.may(object, 'approve')]).toEqual([
        true,
        true,
        false,
      ]);
      expect([checker.may(object, 'create'), checker.may(object, 'update'), checker.may(object, 'approve')]).toEqual([
        false,
        false,
        true,
      ]);
      expect([maker.readable(object), checker.readable(object)]).toEqual([true, true]);
    }
    expect([maker.change('Price', 'amount'), checker.change('Price', 'amount')]).toEqual([true, false]);
    expect([maker.readable('Invoice'), maker.see('Account', 'creditLimit')]).toEqual([false, 'none']);
  });

  test('a finance director has the rights of an analyst, and sets credit limits', async () => {
    const table = await tableOf('finance-director');
    expect([table.see('Account', 'creditLimit'), table.change('Account', 'creditLimit')]).toEqual(['clear', true]);
    expect([
      table.change('Account', 'name'),
      table.may('CreditNote', 'create'),
      table.may('Account', 'approve'),
    ]).toEqual([false, true, true]);
  });

  test('a security admin keeps every system object and sees no billing data but the name of an account', async () => {
    const table = await tableOf('security-admin');
    for (const object of systemObjects(catalogue)) {
      expect([object, table.readable(object)]).toEqual([object, true]);
      for (const member of catalogue.objects.get(object)!.members) {
        expect([object, member.name, table.see(object, member.name)]).toEqual([object, member.name, 'clear']);
      }
      for (const verb of catalogue.objects.get(object)!.verbs)
        expect([object, verb, table.may(object, verb)]).toEqual([object, verb, true]);
    }
    for (const object of BILLING) expect([object, table.readable(object)]).toEqual([object, object === 'Account']);
    expect([table.see('Account', 'name'), table.see('Account', 'taxId'), table.see('Account', 'invoices')]).toEqual([
      'clear',
      'none',
      'none',
    ]);
    expect(kind(scopesOf('security-admin', 'staff')('AuditEntry'))).toBe('only-where');
    expect(kind(scopesOf('security-admin', 'staff')('Role'))).toBe('always');
  });

  test('an auditor reads billing data, configuration and the whole audit log, and changes nothing', async () => {
    const table = await tableOf('auditor');
    expect(table.see('AuditEntry', 'changes')).toBe('clear');
    for (const object of [...BILLING, ...systemObjects(catalogue)]) {
      expect([object, table.readable(object)]).toEqual([object, true]);
      expect((['create', 'update', 'delete', 'approve'] as const).filter((verb) => table.may(object, verb))).toEqual(
        [],
      );
    }
    expect(kind(scopesOf('auditor', 'staff')('AuditEntry'))).toBe('always');
  });

  test.each(['customer-portal', 'partner-portal'])(
    '%s sees its own records only, no staff, no notes, and changes nothing',
    async (role) => {
      const table = await tableOf(role);
      const scope = scopesOf(role, 'portal');
      for (const object of catalogue.objects.values()) {
        if (table.readable(object.name))
          expect([object.name, kind(scope(object.name))]).toEqual([object.name, 'only-where']);
        if (object.kind === 'system') expect([object.name, table.readable(object.name)]).toEqual([object.name, false]);
        expect(object.members.filter(({ name }) => table.change(object.name, name))).toEqual([]);
      }
      expect([
        table.see('Invoice', 'notes'),
        table.see('Account', 'owner'),
        table.see('Account', 'creditLimit'),
      ]).toEqual(['none', 'none', 'none']);
      expect(table.readable('InvoiceLine')).toBe(role === 'customer-portal');
    },
  );

  test('a billing operator enters billing data and persons, and gives nobody rights', async () => {
    const table = await tableOf('billing-operator');
    for (const object of [...BILLING, 'Person']) {
      expect([object, table.may(object, 'create'), table.may(object, 'delete'), table.may(object, 'approve')]).toEqual([
        object,
        true,
        false,
        false,
      ]);
    }
    for (const object of systemObjects(catalogue).filter((name) => name !== 'Person'))
      expect(table.may(object, 'create')).toBe(false);
    expect([table.change('Person', 'fullName'), table.change('Invoice', 'externalId')]).toEqual([true, true]);
  });

  test('an account manager sees the accounts that they answer for', () => {
    expect(kind(scopesOf('account-manager', 'staff')('Account'))).toBe('only-where');
    expect(kind(scopesOf('account-manager', 'staff')('InvoiceLine'))).toBe('only-where');
  });
});
