import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { runCommand } from '../../src/cli/run-command';
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from '../harness';
import { startTestGateway } from '../harness/test-gateway';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

type Settings = Readonly<Record<string, string>>;

async function countersign(env: Settings, stdin: string, ...args: string[]): Promise<Ended> {
  let out = '';
  let err = '';
  const line = {
    env,
    stdin: Readable.from([Buffer.from(stdin)]),
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  const code = await runCommand(line, args);
  return { code, out, err };
}

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'countersign-cli-'));
  folders.push(made);
  return made;
}
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

function on(database: TestDatabase, dataDir = folder()): Settings {
  return { DATABASE_URL: database.gatewayUrl, DATA_DIR: dataDir, LOG_LEVEL: 'error', PORT: '0' };
}

const GOOD = 'seven lamps over quiet water';
const ALSO_GOOD = 'brass kettle under the long stair';

describe('the command line', () => {
  test.each([
    [['--help'], 0],
    [['import', '--help'], 0],
    [[], 2],
    [['unheard-of'], 2],
    [['config', '--unheard-of'], 2],
    [['import', 'x.csv'], 2],
    [['init', '--email', 'a@example.com'], 2],
    [['-o', 'xml', 'config'], 2],
    [['import', '--map', '-', '-'], 2],
    [['import', '--map', '/nowhere/map.json', 'x.csv'], 2],
  ])('answers %j with exit code %i', async (args, code) => {
    const ended = await countersign({ DATA_DIR: folder() }, '', ...args);
    expect(ended.code).toBe(code);
    expect(`${ended.out}${ended.err}`).not.toBe('');
  });

  test('config lists every setting and shows no secret, in words and as JSON', async () => {
    const env = { DATABASE_URL: 'postgres://gateway:hush-hush@db.example.com/billing', DATA_DIR: folder() };
    const text = await countersign(env, '', 'config');
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toMatch(/^DATABASE_URL +\(set\)/m);
    const json = await countersign(env, '', 'config', '-o', 'json');
    expect(JSON.parse(json.out)).toContainEqual(expect.objectContaining({ name: 'DATABASE_URL', value: '(set)' }));
    expect(text.out + json.out).not.toContain('hush-hush');
  });

  test('config says with exit code 3 what keeps the gateway from starting', async () => {
    const ended = await countersign({ COUNTERSIGN_MODE: 'production' }, '', 'config');
    expect(ended.code).toBe(3);
    expect(ended.err).toContain('ROOT_SECRET_FILE is missing');
  });

  test('settings that do not hold fail a command with all reasons and no stack', async () => {
    const ended = await countersign({ PORT: 'x', LOG_LEVEL: 'loud' }, '', 'policy', 'drift');
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/PORT[\s\S]*LOG_LEVEL/);
    expect(ended.err).not.toContain('    at ');
  });

  test('migrate says what is missing, brings it, and finds nothing to do the second time', async () => {
    const database = await createEmptyTestDatabase();
    const env = { ...on(database), DATABASE_OWNER_URL: database.ownerUrl };
    expect(await countersign(env, '', 'migrate', '--check')).toMatchObject({
      code: 3,
      out: expect.stringContaining('pending'),
    });
    const ran = await countersign(env, '', '-o', 'json', 'migrate');
    expect(JSON.parse(ran.out).ran.length).toBeGreaterThan(5);
    expect(await countersign(env, '', 'migrate')).toMatchObject({ code: 0, out: 'The schema is up to date.\n' });
    expect(await countersign(env, '', 'migrate', '--check')).toMatchObject({ code: 0, out: '' });
    expect(await countersign(on(database), '', 'migrate')).toMatchObject({ code: 2 });
    await database.drop();
  });
});

describe('init', () => {
  let database: TestDatabase;
  let dataDir: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataDir = folder();
  });
  afterAll(() => database.drop());

  const two = [
    '--email',
    'Signe@example.com',
    '--name',
    'Signe Adderholt',
    '--email',
    'silas@example.com',
    '--name',
    'Silas Brackenby',
  ];

  test('refuses passwords that are too few or too weak, and leaves the database empty', async () => {
    expect(await countersign(on(database, dataDir), GOOD, 'init', ...two)).toMatchObject({ code: 2 });
    const weak = await countersign(on(database, dataDir), `${GOOD}\nsilas brackenby1\n`, 'init', ...two);
    expect(weak).toMatchObject({ code: 2, err: expect.stringContaining('silas@example.com is not acceptable') });
    expect(weak.err + weak.out).not.toContain('brackenby1');
  });

  test('makes two security admins who can sign in and see the starter roles, and nobody else', async () => {
    const made = await countersign(on(database, dataDir), `${GOOD}\n${ALSO_GOOD}\n`, 'init', ...two);
    expect(made).toMatchObject({ code: 0, err: '' });
    const gateway = await startTestGateway({ database, settings: { DATA_DIR: dataDir } });
    const { data } = (await gateway.signIn('signe@example.com', GOOD)).body;
    const answer = await gateway.ask(
      data.signIn.accessToken,
      '{ viewer { name roles { name } } roles(first: 50) { nodes { name } } users { totalCount } }',
    );
    expect(answer.body.data.viewer).toEqual({ name: 'Signe Adderholt', roles: [{ name: 'security-admin' }] });
    expect(answer.body.data.roles.nodes).toContainEqual({ name: 'finance-analyst' });
    expect(answer.body.data.users.totalCount).toBe(2);
    expect((await gateway.signIn('silas@example.com', ALSO_GOOD)).body.errors).toBeUndefined();
    expect(await gateway.core.prepareDemo()).toEqual([]);
    await gateway.gateway.close();
    await gateway.core.close();
  });

  test('refuses a database that has a policy', async () => {
    const again = await countersign(
      on(database, dataDir),
      `${GOOD}\n`,
      'init',
      '--email',
      'x@example.com',
      '--name',
      'Xenia Umberby',
    );
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('has a policy already') });
  });

  test('password is the way back in: it sets a new one, leaves a trace, and refuses a weak one', async () => {
    const reset = await countersign(
      on(database, dataDir),
      `${ALSO_GOOD}\n`,
      'password',
      '--email',
      'signe@example.com',
    );
    expect(reset).toMatchObject({ code: 0 });
    expect(await countersign(on(database, dataDir), 'short', 'password', '--email', 'signe@example.com')).toMatchObject(
      { code: 2 },
    );
    expect(await countersign(on(database, dataDir), GOOD, 'password', '--email', 'nobody@example.com')).toMatchObject({
      code: 1,
    });
    const gateway = await startTestGateway({ database, settings: { DATA_DIR: dataDir } });
    expect((await gateway.signIn('signe@example.com', GOOD)).body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect((await gateway.signIn('signe@example.com', ALSO_GOOD)).body.errors).toBeUndefined();
    const traces = await gateway.sql(
      `select count(*)::int as n from audit_entry where reason = 'Password set on the command line'`,
    );
    expect(traces).toEqual([{ n: 1 }]);
    await gateway.gateway.close();
    await gateway.core.close();
  });

  test('policy drift is quiet until somebody changes a permission behind the gateway’s back', async () => {
    expect(await countersign(on(database, dataDir), '', 'policy', 'drift')).toMatchObject({ code: 0, err: '' });
    const gateway = await startTestGateway({ database, settings: { DATA_DIR: dataDir } });
    await gateway.sql(
      `update field_permission set action = 'CHANGE' where id = (select min(id::text)::uuid from field_permission)`,
    );
    await gateway.gateway.close();
    await gateway.core.close();
    const found = await countersign(on(database, dataDir), '', 'policy', 'drift', '-o', 'json');
    expect(found.code).toBe(3);
    expect(JSON.parse(found.out)).toEqual([
      expect.objectContaining({ object: 'FieldPermission', kind: 'changed', members: ['action'] }),
    ]);
  });
});

describe('import', () => {
  let database: TestDatabase;
  let dataDir: string;
  let files: { map: string; good: string; bad: string };
  const people = () =>
    JSON.parse(readFileSync(path.join(dataDir, 'demo-people.json'), 'utf8')) as {
      email: string;
      password: string;
      roles: string[];
    }[];

  beforeAll(async () => {
    database = await createTestDatabase();
    dataDir = folder();
    const gateway = await startTestGateway({ database, settings: { DATA_DIR: dataDir } });
    await gateway.core.prepareDemo();
    await gateway.gateway.close();
    await gateway.core.close();
    const write = (name: string, text: string) => {
      const file = path.join(folder(), name);
      writeFileSync(file, text);
      return file;
    };
    const fields = { name: 'name', code: 'code', status: { constant: 'DRAFT' } };
    files = {
      map: write(
        'map.json',
        JSON.stringify({ files: { 'products.csv': { records: [{ object: 'Product', key: 'p:{code}', fields }] } } }),
      ),
      good: write('products.csv', 'code,name\nLANTERN,Lantern\nKETTLE,Kettle\n'),
      bad: write('products.csv', `code,name\nLADDER,Ladder\nROPE,${'x'.repeat(201)}\n`),
    };
  }, 120_000);
  afterAll(() => database.drop());

  test('refuses what needs the agreement of others, unless it is to be asked for', async () => {
    const args = ['import', '--map', files.map, files.good];
    const refused = await countersign(on(database, dataDir), '', ...args);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('--submit') });
    const asked = await countersign(on(database, dataDir), '', ...args, '--submit');
    expect(asked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Asked for, as pending change \S+, 2 records\. It waits for: Price book, level 1/),
    });
  });

  test('the offline ceremony opens the gates for a while, and is traced', async () => {
    const args = ['gates', 'open', '--minutes'];
    expect(await countersign(on(database, dataDir), '', ...args, '0', '--reason', 'x')).toMatchObject({ code: 2 });
    expect(await countersign(on(database, dataDir), '', ...args, '60', '--reason', ' ')).toMatchObject({ code: 2 });
    const opened = await countersign(on(database, dataDir), '', ...args, '60', '--reason', 'Nobody was left');
    expect(opened).toMatchObject({ code: 0, out: expect.stringMatching(/^The gates are open until /) });
  });

  test('runs on behalf of the demo’s billing operator, and says what it did', async () => {
    const tried = await countersign(on(database, dataDir), '', 'import', '--map', files.map, '--dry-run', files.good);
    expect(tried).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Nothing was written\. Would import 2 records/),
    });
    const done = await countersign(on(database, dataDir), '', 'import', '--map', files.map, files.good);
    expect(done).toMatchObject({ code: 0, out: expect.stringMatching(/^Imported 2 records \(2 Product\) in /) });
    expect(done.err).toContain('products.csv: 2 rows\n');
  });

  test('names the bad row on standard error and fails; a dry run ends with 3', async () => {
    const args = ['import', '--map', files.map, files.bad];
    const bad = await countersign(on(database, dataDir), '', ...args);
    expect(bad).toMatchObject({ code: 1, out: '' });
    expect(bad.err).toContain(
      'products.csv, line 3, column name: Product.name: This may have at most 200 characters.\n',
    );
    expect(bad.err).toContain('1 problem(s). Nothing was written.\n');
    const tried = await countersign(on(database, dataDir), '', ...args, '--dry-run', '-o', 'json');
    expect(tried.code).toBe(3);
    expect(JSON.parse(tried.out)).toMatchObject({ kind: 'refused', total: 1, problems: [{ line: 3, column: 'name' }] });
  });

  test('takes data from standard input, and the password from there or from a setting', async () => {
    const email = 'billing.operator@example.com';
    const { password } = people().find((person) => person.email === email)!;
    const elsewhere = { ...on(database, folder()), ROOT_SECRET_FILE: path.join(dataDir, 'root-secret') };
    const data = 'code,name\nSTOOL,Stool\n';
    const args = ['import', '--map', files.map, '--as', email];
    expect(await countersign(elsewhere, data, ...args, '-')).toMatchObject({ code: 2 });
    expect(await countersign(elsewhere, data, ...args, '--password-stdin', '-')).toMatchObject({ code: 2 });
    expect(await countersign({ ...elsewhere, COUNTERSIGN_PASSWORD: password }, data, ...args, '-')).toMatchObject({
      code: 0,
    });
    const again = await countersign(elsewhere, `${password}\n`, ...args, '--password-stdin', files.good);
    expect(again).toMatchObject({
      code: 1,
      err: expect.stringContaining('Product with externalId "p:LANTERN" exists already'),
    });
  });

  test('fails for a wrong password, and for somebody who may not', async () => {
    const as = (email: string) => [
      'import',
      '--map',
      files.map,
      '--as',
      email,
      files.bad.replace('products', 'products'),
    ];
    const wrong = { ...on(database, dataDir), COUNTERSIGN_PASSWORD: 'not the one' };
    expect(await countersign(wrong, '', ...as('auditor@example.com'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('UNAUTHENTICATED'),
    });
    const denied = await countersign(
      on(database, dataDir),
      '',
      'import',
      '--map',
      files.map,
      '--as',
      'auditor@example.com',
      files.good,
    );
    expect(denied).toMatchObject({ code: 1, out: '', err: expect.stringContaining('FORBIDDEN Product') });
  });

  test('a mapping that does not fit is wrong usage, and every defect is named', async () => {
    const map = path.join(folder(), 'map.json');
    const records = [{ object: 'Product', fields: { nam: 'name', code: 'sku' } }];
    writeFileSync(map, JSON.stringify({ files: { 'products.csv': { records } } }));
    const ended = await countersign(on(database, dataDir), '', 'import', '--map', map, files.good);
    expect(ended.code).toBe(2);
    expect(ended.err).toMatch(/Product\.nam: there is no such field[\s\S]*Product\.code: there is no column sku/);
  });
});
