import type { GivenChange } from '../../src/records/change';
import { blank, codes } from '../harness/answers';
import { sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

const LINE = { description: 'Line', quantity: '1.000000', unitPrice: '1.000000', amount: '1.00', position: 9 };
const MISSING = '01890000-0000-7000-8000-00000000dead';

/* Somebody who may write in one region tries to reach beyond it, or to learn what lies there. */
describe('Writing reaches no further than reading', () => {
  let gateway: TestGateway;
  /** May change all of accounts and contacts in EMEA, the credit limit without seeing it. */
  let mover: TestPerson;
  let emea: { id: string; version: number; contact: string; invoice: string };
  let amer: { id: string; version: number; contact: string; invoice: string };

  const create = (object: string, input: Record<string, unknown>): GivenChange => ({ verb: 'create', object, input });

  beforeAll(async () => {
    gateway = await startTestGateway();
    await sampleLedger(gateway);
    await gateway.install(
      gateway.roleRecords('mover', [
        { object: '*', field: '*', action: 'SEE_CLEAR' },
        { object: '*', field: '*', action: 'CHANGE' },
        { object: 'Account', field: 'creditLimit', action: 'SEE_MASKED', effect: 'DENY' },
        { object: 'Account', field: 'version', action: 'SEE_MASKED', effect: 'DENY' },
        { object: 'Person', field: 'fullName', action: 'SEE_CLEAR' },
        { object: 'Person', field: 'email', action: 'CHANGE' },
        { object: 'Person', action: 'UPDATE' },
        ...['CREATE', 'UPDATE', 'DELETE'].map((action) => ({ object: '*', action })),
      ]),
    );
    const [group] = await gateway.sql(`select id from sharing_group where name = 'EMEA'`);
    mover = await gateway.person({
      name: 'Mo Ver',
      audience: 'STAFF',
      roles: ['mover'],
      groups: [String(group!.id)],
      region: 'EMEA',
    });
    const of = async (region: string) =>
      (
        await gateway.sql(`select a.id, a.version, c.id as contact, i.id as invoice from account a
          join contact c on c.account_id = a.id join invoice i on i.account_id = a.id
          where a.region = '${region}' order by a.id, i.id limit 1`)
      )[0] as typeof emea;
    [emea, amer] = [await of('EMEA'), await of('AMER')];
  });
  afterAll(() => gateway?.stop());

  const set = (changes: object[], { token } = mover): Promise<Answer> =>
    gateway.ask(
      token,
      `mutation ($changes: [ChangeInput!]!) {
        applyChangeSet(changes: $changes) { records { object id version } userErrors { code field message } }
      }`,
      { changes },
    );
  const account = (input: object) => ({ region: 'EMEA', segment: 'CONSUMER', currency: 'EUR', name: 'Made', ...input });
  const footprint = () =>
    gateway.sql(`select (select json_agg(a order by id) from account a)::text as accounts,
      (select json_agg(c order by id) from contact c)::text as contacts,
      (select count(*) from audit_entry where action in ('CREATE', 'UPDATE', 'DELETE')) as entries`);

  const refused: [string, () => object[], string[]][] = [
    [
      'an account does not leave the region',
      () => [{ updateAccount: { id: emea.id, expectedVersion: 1, input: { region: 'AMER' } } }],
      ['FORBIDDEN'],
    ],
    [
      'an account outside is not brought in',
      () => [{ updateAccount: { id: amer.id, expectedVersion: 1, input: { region: 'EMEA' } } }],
      ['NOT_FOUND'],
    ],
    ['none is made outside', () => [{ createAccount: { input: account({ region: 'AMER' }) } }], ['FORBIDDEN']],
    [
      'nor with a child of the same set',
      () => [
        { createAccount: { as: 'out', input: account({ region: 'AMER' }) } },
        { createContact: { input: { accountId: '@out', firstName: 'A', lastName: 'B' } } },
      ],
      ['FORBIDDEN'],
    ],
    [
      'a change in reach does not carry one along that is not',
      () => [
        { updateAccount: { id: emea.id, expectedVersion: 1, input: { name: 'Carried' } } },
        { deleteContact: { id: amer.contact, expectedVersion: 1 } },
      ],
      ['NOT_FOUND'],
    ],
    [
      'an account does not leave while its children stay for the rest of the set',
      () => [
        { updateContact: { id: emea.contact, expectedVersion: 1, input: { phone: '+1' } } },
        { updateAccount: { id: emea.id, expectedVersion: 1, input: { region: 'AMER' } } },
      ],
      ['FORBIDDEN'],
    ],
  ];

  test.each(refused)('%s', async (_, changes, expected) => {
    const before = await footprint();
    expect(codes(await set(changes()))).toEqual(expected);
    expect(await footprint()).toEqual(before);
  });

  const alike: [string, (id: string) => object[]][] = [
    ['an update', (id) => [{ updateContact: { id, expectedVersion: 1, input: { phone: '+1' } } }]],
    [
      'an update that saw another version',
      (id) => [{ updateContact: { id, expectedVersion: 7, input: { phone: '1' } } }],
    ],
    ['an update that changes nothing', (id) => [{ updateContact: { id, expectedVersion: 1, input: {} } }]],
    ['a deletion', (id) => [{ deleteContact: { id, expectedVersion: 1 } }]],
    [
      'an update beside a change that cannot be',
      (id) => [
        { updateContact: { id, expectedVersion: 1, input: { phone: '+1' } } },
        { deleteAccount: { id: emea.id, expectedVersion: 1 } },
      ],
    ],
  ];
  test.each(alike)('%s of a hidden record answers like one of a missing record', async (_, changes) => {
    const [hidden, missing] = [await set(changes(amer.contact)), await set(changes(MISSING))];
    expect(codes(hidden)).toEqual(['NOT_FOUND']);
    expect(blank(hidden.text)).toBe(blank(missing.text));
  });

  const references: [string, (id: string) => object[]][] = [
    ['a new child', (id) => [{ createContact: { input: { accountId: id, firstName: 'A', lastName: 'B' } } }]],
    ['a parent', (id) => [{ updateAccount: { id: emea.id, expectedVersion: 1, input: { parentId: id } } }]],
    [
      'a child with other faults',
      (id) => [
        { createContact: { input: { accountId: id, firstName: 'A', lastName: 'B' } } },
        {
          createContract: {
            input: { accountId: id, number: '1', currency: 'EUR', startsOn: '2026-02-01', endsOn: '2026-01-01' },
          },
        },
      ],
    ],
  ];
  test.each(references)(
    '%s that refers to a hidden record answers like one to a missing record',
    async (_, changes) => {
      const before = await footprint();
      const [hidden, missing] = [await set(changes(amer.id)), await set(changes(MISSING))];
      expect(hidden.body.data.applyChangeSet.userErrors.at(-1)).toMatchObject({ code: 'NOT_FOUND' });
      expect(blank(hidden.text)).toBe(blank(missing.text));
      expect(await footprint()).toEqual(before);
    },
  );

  test('a record in use says so alike, whether those who use it can be seen or not', async () => {
    const [seen, unseen, ...rest] = await gateway.install([
      ...['seen', 'unseen'].map((code) => ({ ...create('Product', { name: code, code }), as: code })),
      create('InvoiceLine', { ...LINE, invoiceId: emea.invoice, productId: '@seen' }),
      create('InvoiceLine', { ...LINE, invoiceId: amer.invoice, productId: '@unseen' }),
    ]);
    expect(rest).toHaveLength(2);
    const answers = [];
    for (const { id } of [seen!, unseen!]) answers.push(await set([{ deleteProduct: { id, expectedVersion: 1 } }]));
    expect(answers[0]!.body.data.applyChangeSet.userErrors).toMatchObject([{ code: 'IN_USE' }]);
    expect(blank(answers[1]!.text)).toBe(blank(answers[0]!.text));
  });

  test.each([0, -1, 2, 2_147_483_647])('version %d is a conflict', async (expectedVersion) => {
    const answer = await set([{ updateContact: { id: emea.contact, expectedVersion, input: { phone: '+9' } } }]);
    expect(codes(answer)).toEqual(['CONFLICT']);
  });

  test.each([null, '1', 1.5, 2_147_483_648, true, [1, 2]])('%j is no version', async (expectedVersion) => {
    const answer = await set([{ updateContact: { id: emea.contact, expectedVersion, input: { phone: '+9' } } }]);
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
  });

  test('a value that cannot be seen is not guessed by a change that would change nothing', async () => {
    await gateway.install([create('Person', { fullName: 'Own Er', email: 'own.er@example.com' })]);
    const [person] = await gateway.sql(`select id from person where full_name = 'Own Er'`);
    const records = await gateway.install([
      { ...create('SharingGroup', { name: 'By owner', access: 'READ_WRITE' }), as: 'g' },
      create('SharingCondition', {
        groupId: '@g',
        objectName: 'Account',
        condition: { owner: { email: { eq: 'own.er@example.com' } } },
      }),
      { ...create('Account', account({ ownerId: person!.id, creditLimit: '777.00' })), as: 'a' },
    ]);
    const id = (object: string) => records.find((record) => record.object === object)!.id;
    const guesser = await gateway.person({
      name: 'Gue Sser',
      audience: 'STAFF',
      roles: ['mover'],
      groups: [id('SharingGroup')],
    });
    const guess = (creditLimit: string) =>
      set(
        [
          { updatePerson: { id: person!.id, expectedVersion: 1, input: { email: 'other@example.com' } } },
          { updateAccount: { id: id('Account'), expectedVersion: 1, input: { creditLimit } } },
        ],
        guesser,
      );
    const before = await footprint();
    const [wrong, right] = [await guess('500.00'), await guess('777.00')];
    expect(codes(wrong)).toEqual(['FORBIDDEN']);
    expect(blank(right.text)).toBe(blank(wrong.text));
    expect(await footprint()).toEqual(before);
  });

  test('the answer of a change set gives no version to somebody who may not see it', async () => {
    const answer = await set([
      { createAccount: { input: account({ name: 'Versionless' }) } },
      { updateContact: { id: emea.contact, expectedVersion: 1, input: { phone: '+49 7' } } },
    ]);
    expect(answer.body.data.applyChangeSet.records).toMatchObject([
      { object: 'Account', version: null },
      { object: 'Contact', version: 2 },
    ]);
  });
});
