import { ImportMapInvalid } from '../../src/capabilities/import';
import { createImportWorld, type ImportWorld } from './import-world';

const ACCOUNTS = {
  object: 'Account',
  key: 'crm:{id}',
  fields: {
    name: 'name',
    region: { column: 'region', map: { Europe: 'EMEA', America: 'AMER' }, otherwise: { constant: 'EMEA' } },
    segment: { constant: 'ENTERPRISE' },
    currency: 'currency',
    creditLimit: { column: 'limit', read: 'decimal-comma' },
    parent: { reference: 'Account', key: 'crm:{parent}' },
    status: { column: 'status', otherwise: { constant: 'SUSPENDED' } },
  },
};
const MAP = { files: { 'accounts.csv': { records: [ACCOUNTS] } } };
const HEADER = 'id,name,region,currency,limit,parent,status';
const csv = (...rows: string[]) => ({ 'accounts.csv': `${[HEADER, ...rows].join('\n')}\n` });

let world: ImportWorld;
beforeAll(async () => {
  world = await createImportWorld();
});
afterAll(() => world.gateway.stop());

async function problems(files: Record<string, string | Buffer>, map: unknown = MAP) {
  const before = await world.count('account');
  const outcome = await world.run(map, files);
  expect(await world.count('account')).toBe(before);
  if (outcome.kind !== 'refused') throw new Error('it was imported');
  return outcome.problems;
}

describe('an import with a bad row', () => {
  test('writes nothing at all, and names every bad row with file, line, column and reason', async () => {
    const found = await problems(
      csv(
        '1,Amberholt Foods,Europe,EUR,"1.000,50",,',
        '2,"Birch\nstad","Atlantis",EUR,,,',
        '3,,Europe,euros,-5,,',
        '4,Cinderwick,Europe,EUR,x,,OPEN',
        '5,Dappleby,Europe,EUR,,99,',
        ',Elderlund,Europe,EUR,,,',
        '7,Fallowfeld,Europe',
      ),
    );
    expect(
      found.map(({ line, column, reason }) => [line, column, reason.replace(/: This is not acceptable.*/, '')]),
    ).toEqual([
      [3, 'region', 'the mapping says nothing about "Atlantis"'],
      [5, 'currency', 'Account.currency: This may have at most 3 characters.'],
      [5, 'limit', 'Account.creditLimit: This must be at least 0.'],
      [5, 'name', 'Account.name: This must have a value.'],
      [6, 'limit', 'Account.creditLimit'],
      [6, 'status', 'Account.status'],
      [7, 'parent', 'there is no Account "crm:99", in these files or among the records that you may read'],
      [8, 'id', 'the key "crm:{id}" has no value'],
      [9, null, 'the row has 3 cells, the header 7'],
    ]);
  });

  test('does not blame the rows that refer to a bad one', async () => {
    const found = await problems(
      csv('1,Amberholt,Nowhere,EUR,,,', '2,Birchby,Europe,EUR,,1,', '3,Cinderby,Europe,EUR,,2,'),
    );
    expect(found.map(({ line }) => line)).toEqual([2]);
  });

  test('counts lines as an editor does, with Windows line ends, empty lines and quoted line breaks', async () => {
    const text = `\ufeff${HEADER}\r\n1,"a\r\nb\r\nc",Europe,EUR,,,\r\n\r\n\r\n2,x,Nowhere,EUR,,,\r\n`;
    expect(await problems({ 'accounts.csv': text })).toEqual([
      { file: 'accounts.csv', line: 7, column: 'region', reason: 'the mapping says nothing about "Nowhere"' },
    ]);
  });

  test('names a key that stands twice in the files, and where it stood first', async () => {
    const found = await problems(
      csv('1,Amberholt,Europe,EUR,,,', '2,Birchby,Europe,EUR,,,', '1,Cinderby,Europe,EUR,,,'),
    );
    expect(found).toEqual([
      {
        file: 'accounts.csv',
        line: 4,
        column: 'id',
        reason: 'Account "crm:1" is there already, in accounts.csv on line 2',
      },
    ]);
  });

  test('names records that refer to themselves in a circle', async () => {
    const found = await problems(csv('1,Amberholt,Europe,EUR,,2,', '2,Birchby,Europe,EUR,,1,'));
    expect(found.map(({ reason }) => reason)).toEqual(['the Account refers to itself, through others or directly']);
  });

  test('a file that is not CSV, not UTF-8 or empty is a problem of its own', async () => {
    expect((await problems({ 'accounts.csv': 'id,name\n1,"x\n' }))[0]!.reason).toMatch(/not well-formed CSV/);
    expect((await problems({ 'accounts.csv': Buffer.from([0x69, 0x64, 0x0a, 0xff, 0xfe]) }))[0]!.reason).toMatch(
      /not UTF-8/,
    );
    expect((await problems({ 'accounts.csv': '' }))[0]!.reason).toMatch(/empty/);
    expect((await problems({ 'accounts.csv': 'id,name,id\n' }))[0]!.reason).toMatch(/twice/);
  });

  test('more than a hundred problems are counted, and the first hundred shown', async () => {
    const rows = Array.from({ length: 250 }, (_, i) => `${i},x,Mars,EUR,,,`);
    const outcome = await world.run(MAP, csv(...rows));
    expect(outcome).toMatchObject({ kind: 'refused', total: 250 });
    expect(outcome.kind === 'refused' && outcome.problems).toHaveLength(100);
  });
});

describe('an import that is sound', () => {
  test('puts parents before children wherever they stand, and reads decimals, maps and what stands in for nothing', async () => {
    const rows = csv('12,Yarrowgrove,Europe,EUR,,11,ACTIVE', '11,Willowmere,,GBP,"12.345,60",,');
    expect(await world.run(MAP, rows, { dryRun: true })).toEqual({ kind: 'imported', records: { Account: 2 } });
    expect(await world.count('account')).toBe(0);
    expect(await world.run(MAP, rows)).toEqual({ kind: 'imported', records: { Account: 2 } });
    expect(
      await world.gateway.sql(
        `select a.external_id as key, a.region, a.credit_limit::text as limit, a.status, p.external_id as parent
         from account a left join account p on p.id = a.parent_id order by 1`,
      ),
    ).toEqual([
      { key: 'crm:11', region: 'EMEA', limit: '12345.60', status: 'SUSPENDED', parent: null },
      { key: 'crm:12', region: 'EMEA', limit: null, status: 'ACTIVE', parent: 'crm:11' },
    ]);
  });

  test('finds what it refers to among the records that are there already', async () => {
    expect(await world.run(MAP, csv('13,Velvetcroft,Europe,EUR,,11,'))).toMatchObject({ kind: 'imported' });
    const again = await problems(csv('13,Velvetcroft,Europe,EUR,,11,'));
    expect(again.map(({ reason }) => reason)).toEqual(['Account with externalId "crm:13" exists already']);
  });

  test('a dry run refuses what the real one would refuse, down to the database', async () => {
    const map = structuredClone(MAP);
    const contracts = {
      object: 'Contract',
      fields: {
        account: { reference: 'Account', key: 'crm:{account}' },
        number: 'number',
        currency: { constant: 'EUR' },
        startsOn: 'starts',
      },
    };
    const files = { 'contracts.csv': 'account,number,starts\n11,C-1,2026-01-01\n11,C-1,2026-02-01\n' };
    const mapping = { files: { ...map.files, 'contracts.csv': { records: [contracts] } } };
    for (const dryRun of [true, false]) {
      const outcome = await world.run(mapping, files, { dryRun });
      expect(outcome).toMatchObject({
        kind: 'refused',
        problems: [{ file: 'contracts.csv', line: 3, column: 'number' }],
      });
      expect(await world.count('contract')).toBe(0);
    }
  });
});

describe('a mapping', () => {
  test.each<[string, unknown, RegExp]>([
    ['with an unknown key', { files: {}, file: {} }, /Unrecognized key/],
    ['with a source of two kinds', withField({ column: 'name', constant: 'x' }), /has one of/],
    ['with a misspelt transform', withField({ column: 'name', reed: 'timestamp-utc' }), /Unrecognized key: "reed"/],
    [
      'with an object that does not exist',
      { files: { 'accounts.csv': { records: [{ object: 'Acount', fields: {} }] } } },
      /no object Acount/,
    ],
    ['with a field that does not exist', withField('name', 'nam'), /Account\.nam: there is no such field/],
    ['with a field that the gateway sets', withField('name', 'createdAt'), /createdAt: there is no such field/],
    ['with a column that does not exist', withField('nome'), /there is no column nome/],
    ['with a text where a reference belongs', withField('name', 'owner'), /it leads to Person: use reference/],
    [
      'with a reference to another object',
      withField({ reference: 'Contact', key: '{id}' }, 'owner'),
      /leads to Person, not to Contact/,
    ],
    [
      'with one key for all rows',
      { files: { 'accounts.csv': { records: [{ ...ACCOUNTS, key: 'crm' }] } } },
      /names no column/,
    ],
    [
      'about another file',
      { files: { 'x.csv': { records: [ACCOUNTS] } } },
      /accounts\.csv: the mapping says nothing about it/,
    ],
    ['that is not JSON', '{', /not JSON/],
  ])('%s is refused with the place of the defect', async (_, map, reason) => {
    const run = world.run(map, csv('1,x,Europe,EUR,,,'));
    await expect(run).rejects.toThrow(reason);
    await expect(run).rejects.toBeInstanceOf(ImportMapInvalid);
  });
});

function withField(source: unknown, field = 'name'): unknown {
  return { files: { 'accounts.csv': { records: [{ ...ACCOUNTS, fields: { ...ACCOUNTS.fields, [field]: source } }] } } };
}
