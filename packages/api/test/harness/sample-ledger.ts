import type { GivenChange } from '../../src/records/change';
import type { TestGateway, TestPerson } from './test-gateway';

/** Twelve accounts over four regions, each with a contact and four invoices of two lines, and people who look at them. */
export interface SampleLedger {
  /** Sees every billing field of everything. */
  readonly analyst: TestPerson;
  readonly secondAnalyst: TestPerson;
  /** Sees EMEA only; e-mail masked, tax ids not at all; may change notes and contacts. */
  readonly support: TestPerson;
  /** Belongs to the first account and sees its issued invoices, without notes. */
  readonly portal: TestPerson;
  /** Sees and changes everything, system objects too. */
  readonly admin: TestPerson;
  readonly accountIds: readonly string[];
}

const REGIONS = ['EMEA', 'AMER', 'APAC', 'LATAM'];
const STATUSES = ['DRAFT', 'ISSUED', 'PAID', 'OVERDUE'];

export async function sampleLedger(gateway: TestGateway): Promise<SampleLedger> {
  const records = await gateway.install([...policy(gateway), ...ledger()]);
  const ids = (object: string) => records.filter((record) => record.object === object).map(({ id }) => id);
  const [emea, own] = ids('SharingGroup');
  const accountIds = ids('Account');
  const staff = { audience: 'STAFF' } as const;
  return {
    accountIds,
    analyst: await gateway.person({ ...staff, name: 'Ana Lyst', roles: ['analyst'] }),
    secondAnalyst: await gateway.person({ ...staff, name: 'Otto Lyst', roles: ['analyst'] }),
    support: await gateway.person({ ...staff, name: 'Sue Port', roles: ['support'], groups: [emea!], region: 'EMEA' }),
    portal: await gateway.person({
      name: 'Petra Ortal',
      audience: 'PORTAL',
      roles: ['portal'],
      groups: [own!],
      accountId: accountIds[0]!,
    }),
    admin: await gateway.person({ ...staff, name: 'Ada Min', roles: ['admin'] }),
  };
}

function policy(gateway: TestGateway): GivenChange[] {
  const create = (object: string, input: Record<string, unknown>, as?: string): GivenChange => ({
    verb: 'create',
    object,
    input,
    as,
  });
  const system = [...gateway.catalogue.objects.values()].filter(({ kind }) => kind === 'system');
  const billing = [...gateway.catalogue.objects.values()].filter(({ kind }) => kind === 'billing');
  const every = (object: string, names: readonly string[], action: string) =>
    names.map((field) => ({ object, field, action }));
  return [
    ...gateway.roleRecords('analyst', [
      ...every(
        'Account',
        ['name', 'region', 'segment', 'status', 'taxId', 'currency', 'owner', 'version', 'externalId'],
        'SEE_CLEAR',
      ),
      ...every('Account', ['invoices', 'contacts', 'parent', 'children'], 'SEE_CLEAR'),
      { object: 'Invoice', field: '*', action: 'SEE_CLEAR' },
      { object: 'InvoiceLine', field: '*', action: 'SEE_CLEAR' },
      { object: 'Contact', field: '*', action: 'SEE_CLEAR' },
    ]),
    ...gateway.roleRecords('support', [
      { object: '*', field: '*', action: 'SEE_CLEAR' },
      { object: 'Account', field: 'taxId', action: 'SEE_MASKED', effect: 'DENY' },
      { object: 'Contact', field: 'email', action: 'SEE_CLEAR', effect: 'DENY' },
      { object: 'Invoice', field: 'notes', action: 'CHANGE' },
      { object: 'Invoice', action: 'UPDATE' },
      { object: 'Contact', field: '*', action: 'CHANGE' },
      { object: 'Contact', action: 'CREATE' },
      { object: 'Contact', action: 'UPDATE' },
      { object: 'Contact', action: 'DELETE' },
    ]),
    ...gateway.roleRecords('portal', [
      ...every('Account', ['name', 'invoices'], 'SEE_CLEAR'),
      ...every('Invoice', ['number', 'status', 'total', 'currency', 'issuedOn', 'account', 'lines'], 'SEE_CLEAR'),
      ...every('InvoiceLine', ['description', 'amount', 'invoice'], 'SEE_CLEAR'),
    ]),
    ...gateway.roleRecords('admin', [
      { object: '*', field: '*', action: 'SEE_CLEAR' },
      { object: '*', field: '*', action: 'CHANGE' },
      ...['CREATE', 'UPDATE', 'DELETE'].map((action) => ({ object: '*', action })),
      ...system.flatMap(({ name, members, verbs }) => [
        ...members
          .filter((member) => member.name !== 'id')
          .map((member) => ({ object: name, field: member.name, action: 'SEE_CLEAR' })),
        ...members
          .filter((member) => member.kind !== 'to-many' && member.write !== 'never')
          .map((member) => ({ object: name, field: member.name, action: 'CHANGE' })),
        ...verbs.map((verb) => ({ object: name, action: verb.toUpperCase() })),
      ]),
    ]),
    ...[...billing, ...system].map(({ name }) => create('ObjectSetting', { objectName: name, sharing: 'OPEN' })),
    create('SharingGroup', { name: 'EMEA', access: 'READ_WRITE' }, 'emea'),
    create('SharingCondition', { groupId: '@emea', objectName: 'Account', condition: { region: { eq: 'EMEA' } } }),
    create('SharingGroup', { name: 'Own account', access: 'READ' }, 'own'),
    create('SharingCondition', {
      groupId: '@own',
      objectName: 'Account',
      condition: { id: { eq: '$principal.accountId' } },
    }),
    create('SharingCondition', { groupId: '@own', objectName: 'Invoice', condition: { status: { ne: 'DRAFT' } } }),
  ];
}

function ledger(): GivenChange[] {
  const changes: GivenChange[] = [];
  const create = (object: string, input: Record<string, unknown>, as?: string) =>
    changes.push({ verb: 'create', object, input, as });
  create('Person', { fullName: 'Olive Wner' }, 'owner');
  for (let a = 0; a < 12; a += 1) {
    create(
      'Account',
      {
        name: `Account ${String(a).padStart(2, '0')}`,
        region: REGIONS[a % 4],
        segment: a % 3 === 0 ? 'ENTERPRISE' : 'SMALL_BUSINESS',
        currency: 'EUR',
        status: 'ACTIVE',
        ownerId: '@owner',
        creditLimit: `${a}000.00`,
        taxId: `DE12345678${a % 10}`,
      },
      `account-${a}`,
    );
    create('Contact', {
      accountId: `@account-${a}`,
      firstName: `First${a}`,
      lastName: 'Last',
      email: `contact${a}@example.org`,
    });
    for (let i = 0; i < 4; i += 1) {
      create(
        'Invoice',
        {
          accountId: `@account-${a}`,
          number: `N-${a}-${i}`,
          status: STATUSES[(a + i) % 4],
          currency: 'EUR',
          issuedOn: `2026-0${1 + ((a + i) % 5)}-15`,
          dueOn: '2026-12-31',
          subtotal: `${(a * i) % 7}0.00`,
          tax: '0.00',
          total: `${(a * i) % 7}0.00`,
          ...(i % 2 ? { externalId: `ext-${a}-${i}` } : {}),
          ...(i === 3 ? { notes: `secret note ${a}` } : {}),
        },
        `invoice-${a}-${i}`,
      );
      for (let l = 0; l < 2; l += 1) {
        create('InvoiceLine', {
          invoiceId: `@invoice-${a}-${i}`,
          description: `Line ${l}`,
          quantity: '1.000000',
          unitPrice: '5.000000',
          amount: '5.00',
          position: l + 1,
        });
      }
    }
  }
  return changes;
}
