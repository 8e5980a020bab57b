import { builtinCatalogue } from '@countersign/schema';
import type { ChangeOutcome, GivenChange } from '../../src/records/change';
import { ACCOUNT, INVOICE, type People, peopleIn } from './people';
import { create, createWorld, footprint, remove, update, type World } from './world';

let world: World;
let people: People;

beforeAll(async () => {
  world = await createWorld();
  people = await peopleIn(world);
});

afterAll(() => world?.close());

const idOf = (outcome: ChangeOutcome): string => {
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.userErrors));
  return outcome.records[0]!.id;
};
const clerk = (...changes: GivenChange[]) => world.apply(people.clerk, ...changes);
const invoice = (number: string, more: Record<string, unknown> = {}) => ({
  ...INVOICE,
  accountId: people.emeaAccount,
  number,
  ...more,
});
/** `code field` of every error. */
const errorsOf = (outcome: ChangeOutcome) =>
  outcome.kind === 'refused' ? outcome.userErrors.map(({ code, field }) => `${code} ${field?.join('.') ?? '-'}`) : [];

describe('values', () => {
  test('everything that is wrong with the input is said at once, each with its path', async () => {
    const before = await footprint(world);
    const outcome = await clerk(
      {
        ...create('Invoice', {
          accountId: '@nobody',
          number: 'x'.repeat(41),
          currency: 'eur',
          issuedOn: '2026-02-30',
          total: '-1',
          tax: '1.005',
          subtotal: '12345678901234567.00',
          status: 'SENT',
          contractId: 'C-17',
          notes: 'a\0b',
          version: 3,
          nonsense: 1,
        }),
        place: ['changes', '0', 'createInvoice'],
      },
      {
        ...update('Invoice', 'not-an-id', { accountId: people.emeaAccount, number: null }),
        place: ['changes', '1', 'updateInvoice'],
      },
      {
        ...create('Contract', {
          startsOn: '2026-01-01',
          number: 'C',
          accountId: people.emeaAccount,
          paymentTermDays: 366,
          currency: null,
        }),
        place: ['changes', '2', 'createContract'],
      },
    );
    const at = 'changes.0.createInvoice.input';
    expect(errorsOf(outcome).sort()).toEqual(
      [
        `NOT_FOUND ${at}.accountId`,
        `TOO_LONG ${at}.number`,
        `INVALID ${at}.currency`,
        `INVALID ${at}.issuedOn`,
        `REQUIRED ${at}.dueOn`,
        `INVALID ${at}.total`,
        `INVALID ${at}.tax`,
        `INVALID ${at}.subtotal`,
        `INVALID ${at}.status`,
        `INVALID ${at}.contractId`,
        `INVALID ${at}.notes`,
        `INVALID ${at}.version`,
        `INVALID ${at}.nonsense`,
        'INVALID changes.1.updateInvoice.id',
        'INVALID changes.1.updateInvoice.input.accountId',
        'REQUIRED changes.1.updateInvoice.input.number',
        'INVALID changes.2.createContract.input.paymentTermDays',
        'REQUIRED changes.2.createContract.input.currency',
      ].sort(),
    );
    expect(await footprint(world)).toEqual(before);
  });

  test('the length of a text is counted as the database counts it', async () => {
    expect(await clerk(create('Account', { ...ACCOUNT, name: '🌍'.repeat(200) }))).toMatchObject({ kind: 'applied' });
    expect(errorsOf(await clerk(create('Account', { ...ACCOUNT, name: '🌍'.repeat(201) })))).toEqual([
      'TOO_LONG input.name',
    ]);
  });

  test.each(['constructor', '__proto__', 'toString'])('an input field called %s is none', async (name) => {
    const input = JSON.parse(`{"name":"N","region":"EMEA","segment":"CONSUMER","currency":"EUR","${name}":1}`);
    expect(errorsOf(await clerk(create('Account', input)))).toEqual([`INVALID input.${name}`]);
  });
});

/** For every constraint over several columns: an input that breaks it and nothing else. */
const MISFITS: Record<string, [object: string, input: () => Record<string, unknown>]> = {
  price_offer_check: ['Price', () => ({ model: 'FLAT', amount: '1', currency: 'EUR', effectiveFrom: '2026-01-01' })],
  price_charge_check: [
    'Price',
    () => ({ productId: '@p', model: 'TIERED', amount: '1', currency: 'EUR', effectiveFrom: '2026-01-01' }),
  ],
  price_effective_check: [
    'Price',
    () => ({
      productId: '@p',
      model: 'FLAT',
      amount: '1',
      currency: 'EUR',
      effectiveFrom: '2026-01-02',
      effectiveTo: '2026-01-01',
    }),
  ],
  contract_term_check: [
    'Contract',
    () => ({
      accountId: people.emeaAccount,
      number: 'T',
      currency: 'EUR',
      startsOn: '2026-01-02',
      endsOn: '2026-01-01',
    }),
  ],
  contract_rate_subject_check: [
    'ContractRate',
    () => ({ contractId: '@c', currency: 'EUR', amount: '1', effectiveFrom: '2026-01-01' }),
  ],
  contract_rate_effective_check: [
    'ContractRate',
    () => ({
      contractId: '@c',
      productId: '@p',
      currency: 'EUR',
      amount: '1',
      effectiveFrom: '2026-01-02',
      effectiveTo: '2026-01-01',
    }),
  ],
  subscription_offer_check: ['Subscription', () => ({ accountId: people.emeaAccount, startsOn: '2026-01-01' })],
  subscription_term_check: [
    'Subscription',
    () => ({ accountId: people.emeaAccount, productId: '@p', startsOn: '2026-01-02', endsOn: '2026-01-01' }),
  ],
  invoice_due_check: ['Invoice', () => invoice('due', { dueOn: '2026-01-01' })],
  role_inheritance_self_check: ['RoleInheritance', () => ({ roleId: people.freeRole, inheritsId: people.freeRole })],
  role_assignment_holder_check: ['RoleAssignment', () => ({ roleId: people.freeRole })],
  role_assignment_validity_check: [
    'RoleAssignment',
    () => ({
      roleId: people.freeRole,
      userId: people.clerk,
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: '2026-01-01T00:00:00Z',
    }),
  ],
  approval_level_approver_check: ['ApprovalLevel', () => ({ ruleId: '@r', level: 2 })],
  approval_level_escalation_check: [
    'ApprovalLevel',
    () => ({ ruleId: '@r', level: 2, approverRoleId: people.freeRole, escalationRoleId: people.freeRole }),
  ],
  approval_delegation_people_check: [
    'ApprovalDelegation',
    () => ({
      absentPersonId: people.adminPerson,
      delegateId: people.adminPerson,
      validFrom: '2026-01-01T00:00:00Z',
      validUntil: '2026-01-02T00:00:00Z',
    }),
  ],
  approval_delegation_validity_check: [
    'ApprovalDelegation',
    () => ({
      absentPersonId: people.adminPerson,
      delegateId: '@someone',
      validFrom: '2026-01-02T00:00:00Z',
      validUntil: '2026-01-01T00:00:00Z',
    }),
  ],
  sharing_member_who_check: [
    'SharingMember',
    () => ({ groupId: people.emea, userId: people.admin, roleId: people.freeRole }),
  ],
  contract_rate_discount_percent_check: [
    'ContractRate',
    () => ({
      contractId: '@c',
      productId: '@p',
      currency: 'EUR',
      amount: '1',
      effectiveFrom: '2026-01-01',
      discountPercent: '100.01',
    }),
  ],
};

describe('values that do not go together', () => {
  const setting = () => [
    create('Product', { name: 'Seat', code: 'S' }, 'p'),
    create('Person', { fullName: 'Sam Eone' }, 'someone'),
    create('ApprovalRule', { name: 'Products', objects: ['Product'], actions: ['UPDATE'] }, 'r'),
    create('ApprovalLevel', { ruleId: '@r', level: 1, approverRoleId: people.freeRole }),
    create('Contract', { accountId: people.emeaAccount, number: 'M-1', currency: 'EUR', startsOn: '2026-01-01' }, 'c'),
  ];

  test.each(Object.entries(MISFITS))('%s is found before the database finds it', async (_, [object, input]) => {
    const attempt = world.install(...setting(), create(object, input()));
    await expect(attempt).rejects.toThrow(/"code": "INVALID"/);
  });

  test('every constraint over several columns of the tables has such a check', async () => {
    const { rows } = await world.pool.query(
      `select conname from pg_constraint c join pg_class t on t.oid=c.conrelid where contype='c'
        and cardinality(conkey)>1 and connamespace='countersign'::regnamespace and t.relname<>all($1)`,
      // What no input reaches cannot be refused as input.
      [[...builtinCatalogue().objects.values()].filter(({ verbs }) => verbs.length === 0).map(({ table }) => table)],
    );
    const found = rows.map(({ conname }) => conname).filter((name) => !/^(person|account)_check$/.test(name));
    const covered = Object.keys(MISFITS).filter((name) => name !== 'contract_rate_discount_percent_check');
    expect(found.sort()).toEqual(covered.sort());
  });

  test.each([
    ['Person', 'managerId', () => people.adminPerson],
    ['Account', 'parentId', () => people.emeaAccount],
  ])('a %s cannot stand above itself', async (object, field, id) => {
    await expect(world.install(update(object, id(), { [field]: id() }))).rejects.toThrow(/"code": "INVALID"/);
  });

  test('an update is judged together with what the record holds already', async () => {
    const id = idOf(await clerk(create('Invoice', invoice('late'))));
    expect(errorsOf(await clerk(update('Invoice', id, { issuedOn: '2026-12-01' })))).toEqual([
      'INVALID input.issuedOn',
    ]);
  });

  test('who may not see one of the fields learns neither which they are nor how they clash', async () => {
    const [id] = await world.install(
      create('Contract', { accountId: people.emeaAccount, number: 'H-1', currency: 'EUR', startsOn: '2026-06-01' }),
    );
    expect(await clerk(update('Contract', id!, { endsOn: '2026-01-01' }))).toMatchObject({
      userErrors: [{ code: 'INVALID', field: ['input'], message: 'These values do not go together.' }],
    });
  });
});

describe('what only the database knows', () => {
  test('a value that must be unique and is not is named by its input field', async () => {
    await clerk(create('Invoice', invoice('U-1', { externalId: 'ext-1' })));
    expect(errorsOf(await clerk(create('Invoice', invoice('U-2', { externalId: 'ext-1' }))))).toEqual([
      'NOT_UNIQUE input.externalId',
    ]);
    expect(errorsOf(await clerk(create('Invoice', invoice('U-1'))))).toEqual(['NOT_UNIQUE input.number']);
  });

  test('an update can collide as well', async () => {
    await clerk(create('Invoice', invoice('V-1')));
    const id = idOf(await clerk(create('Invoice', invoice('V-2'))));
    expect(errorsOf(await clerk(update('Invoice', id, { number: 'V-1' })))).toEqual(['NOT_UNIQUE input.number']);
  });

  test('in a set every colliding change is named, with each other as well as with the table', async () => {
    await clerk(create('Invoice', invoice('W-1')));
    const numbers = ['W-0', 'W-1', 'W-2', 'W-3', 'W-2'];
    const changes = numbers.map((number, i) => ({
      ...create('Invoice', invoice(number)),
      place: ['changes', String(i)],
    }));
    expect(errorsOf(await clerk(...changes))).toEqual([
      'NOT_UNIQUE changes.1.input.number',
      'NOT_UNIQUE changes.4.input.number',
    ]);
  });

  test('a collision in a field that the caller may not see names no field', async () => {
    const contract = { accountId: people.emeaAccount, number: 'X-1', currency: 'EUR', startsOn: '2026-06-01' };
    await world.install(create('Contract', contract));
    expect(await clerk(create('Contract', contract))).toMatchObject({
      userErrors: [{ code: 'NOT_UNIQUE', field: ['input'], message: 'A record like this exists already.' }],
    });
  });

  test('the same permission twice is not unique, under whatever name the constraint goes', async () => {
    const line = {
      roleId: people.freeRole,
      objectName: 'Account',
      fieldName: 'name',
      action: 'CHANGE',
      effect: 'ALLOW',
    };
    await world.apply(people.admin, create('FieldPermission', line));
    expect(errorsOf(await world.apply(people.admin, create('FieldPermission', line)))).toEqual([
      'NOT_UNIQUE input.effect',
    ]);
  });

  test('a record that others refer to stays, and nobody is told who they are', async () => {
    const account = idOf(await clerk(create('Account', ACCOUNT)));
    await clerk(create('Invoice', invoice('IN-USE', { accountId: account })));
    expect(await clerk(remove('Account', account))).toEqual({
      kind: 'refused',
      userErrors: [{ code: 'IN_USE', field: ['id'], message: 'Other records still refer to this one.' }],
    });
  });

  test('a reference to a record that the same set removes before is answered as missing', async () => {
    const [contract] = await world.install(
      create('Contract', { accountId: people.emeaAccount, number: 'GONE', currency: 'EUR', startsOn: '2026-06-01' }),
    );
    const outcome = await clerk(
      remove('Contract', contract!),
      create('Invoice', invoice('GONE-1')),
      create('Invoice', invoice('GONE-2', { contractId: contract })),
    );
    expect(errorsOf(outcome)).toEqual(['NOT_FOUND input.contractId']);
  });

  test('a constraint that the catalogue does not know is answered without a word of the database', async () => {
    await world.owner.query(`alter table invoice add constraint odd check (notes <> 'odd')`);
    try {
      expect(await clerk(create('Invoice', invoice('ODD', { notes: 'odd' })))).toEqual({
        kind: 'refused',
        userErrors: [{ code: 'INVALID', field: ['input', 'notes'], message: 'These values do not go together.' }],
      });
    } finally {
      await world.owner.query('alter table invoice drop constraint odd');
    }
  });
});
