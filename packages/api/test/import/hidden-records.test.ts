import type { TestPerson } from '../harness/test-gateway';
import { createImportWorld, type ImportWorld } from './import-world';

const fields = {
  account: { reference: 'Account', key: '{account}' },
  firstName: 'first',
  lastName: 'last',
};
const MAP = { files: { 'contacts.csv': { records: [{ object: 'Contact', key: '{key}', fields }] } } };
const csv = (...rows: string[]) => ({ 'contacts.csv': `${['key,account,first,last', ...rows].join('\n')}\n` });

let world: ImportWorld;
let support: TestPerson;

beforeAll(async () => {
  world = await createImportWorld();
  const { gateway } = world;
  await gateway.install(
    gateway.roleRecords('contact-writer', [
      { object: 'Contact', action: 'CREATE' },
      { object: 'Contact', field: '*', action: 'CHANGE' },
    ]),
  );
  support = await gateway.person({
    name: 'Emil Saltwick',
    audience: 'STAFF',
    roles: ['emea-support', 'contact-writer'],
  });
  const account = (externalId: string, region: string) => ({
    verb: 'create' as const,
    object: 'Account',
    as: externalId,
    input: { name: externalId, externalId, region, segment: 'ENTERPRISE', currency: 'EUR' },
  });
  await gateway.install([
    account('near', 'EMEA'),
    account('far', 'AMER'),
    {
      verb: 'create',
      object: 'Contact',
      input: { accountId: '@far', externalId: 'taken-far', firstName: 'A', lastName: 'B' },
    },
  ]);
});
afterAll(() => world.gateway.stop());

const reasons = async (...rows: string[]) => {
  const outcome = await world.run(MAP, csv(...rows), { as: support });
  return outcome.kind === 'refused' ? outcome.problems.map(({ line, reason }) => [line, reason]) : outcome.kind;
};

test('a record outside the reader’s groups and one that does not exist are missing in the same words', async () => {
  const words = (key: string) => `there is no Account "${key}", in these files or among the records that you may read`;
  expect(await reasons('a,far,A,B', 'b,nowhere,A,B')).toEqual([
    [2, words('far')],
    [3, words('nowhere')],
  ]);
});

test('a record within them is found', async () => {
  expect(await reasons('c,near,A,B')).toBe('imported');
});

test('a key that a hidden record holds is refused by the database, without a word about that record', async () => {
  expect(await reasons('taken-far,near,A,B')).toEqual([
    [2, 'Contact.externalId: Another record has this value already.'],
  ]);
});

test('a field that is not seen clear cannot be searched', async () => {
  // Support sees no tax ids: finding an account by one would tell whose it is.
  const map = {
    files: {
      'accounts.csv': {
        records: [
          {
            object: 'Contact',
            fields: { ...fields, account: { reference: 'Account', match: { field: 'taxId', value: '{account}' } } },
          },
        ],
      },
    },
  };
  await world.gateway.sql(`update account set tax_id = 'XT-1' where external_id = 'near'`);
  const file = { 'accounts.csv': 'account,first,last\nXT-1,A,B\n' };
  const outcome = await world.run(map, file, { as: support });
  expect(outcome).toMatchObject({
    kind: 'refused',
    problems: [{ reason: expect.stringContaining('there is no Account with taxId') }],
  });
});
