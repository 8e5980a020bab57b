import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { verifyAudit } from '../../src/capabilities/audit';
import { type DemoDeps, seedDemo } from '../../src/demo/seed-demo';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly roles: readonly string[];
}

let gateway: TestGateway;
let deps: DemoDeps;
let file: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  const { database, writes, snapshots, now, log } = gateway.core;
  deps = { pool: database.pool, writes, snapshots, now, log, dataDir: gateway.dataDir };
  file = path.join(gateway.dataDir, 'demo-people.json');
  await seedDemo(deps);
}, 120_000);
afterAll(() => gateway.stop());

const listed = (): Person[] => JSON.parse(readFileSync(file, 'utf8'));
const byRole = (role: string): Person => listed().find(({ roles }) => roles.includes(role))!;

async function tokenOf(role: string): Promise<string> {
  const { email, password } = byRole(role);
  const answer = await gateway.signIn(email, password);
  expect(answer.body.errors).toBeUndefined();
  return answer.body.data.signIn.accessToken;
}

async function ask(role: string, query: string) {
  return (await gateway.ask(await tokenOf(role), query)).body;
}

const state = async () =>
  gateway.sql('select policy_version, (select count(*)::int from invoice) as invoices from authority_head');

describe('a seeded demo', () => {
  test('is policy version 1 with its people, and every record left a trace', async () => {
    const [row] = await gateway.sql(
      `select (select policy_version::int from authority_head) as version, (select count(*)::int from account) as accounts,
         (select count(*)::int from invoice) + (select count(*)::int from invoice_line) as billed,
         (select count(*)::int from audit_entry where action = 'CREATE' and object_name = 'Invoice') as traced,
         (select count(*)::int from invoice) as invoices`,
    );
    expect(row).toMatchObject({ version: 1, traced: row!.invoices });
    expect(row!.accounts).toBeGreaterThanOrEqual(200);
  });

  test('verifies: the log against its heads and anchor, and every record against its traces', async () => {
    const { audit, database, settings } = gateway.core;
    await audit.keeper.round();
    const { anchorFile } = settings.audit;
    const deps = { pool: database.pool, desk: audit, anchorFile, catalogue: gateway.catalogue };
    const report = await verifyAudit(deps, { records: true });
    expect(report).toMatchObject({ found: 0, records: { untold: 0 }, anchors: [anchorFile] });
    expect(report.records!.records).toBeGreaterThan(5_000);
  }, 180_000);

  test('adds up in the database to the cent', async () => {
    const wrong = await gateway.sql(
      `select i.number from invoice i where i.total <> i.subtotal + i.tax
         or i.subtotal <> (select sum(amount) from invoice_line l where l.invoice_id = i.id)`,
    );
    expect(wrong).toEqual([]);
  });

  test('lists its people for their owner alone, and each of them can sign in', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.new`)).toBe(false);
    for (const { email, password, roles, name } of listed()) {
      const { data } = (await gateway.signIn(email, password)).body;
      const viewer = (await gateway.ask(data.signIn.accessToken, '{ viewer { name email roles { name } } }')).body.data
        .viewer;
      expect(viewer).toEqual({ name, email, roles: roles.map((role) => ({ name: role })) });
    }
    expect(
      listed()
        .flatMap(({ roles }) => roles)
        .sort(),
    ).toEqual(
      [
        ...['account-manager', 'auditor', 'billing-operator', 'customer-portal', 'emea-support', 'finance-analyst'],
        ...[
          'finance-director',
          'partner-portal',
          'pricing-checker',
          'pricing-maker',
          'security-admin',
          'security-admin',
        ],
      ].sort(),
    );
  });

  test('a finance analyst reads what EMEA support may not', async () => {
    const query =
      '{ accounts(first: 5, where: { region: { eq: "EMEA" } }) { totalCount nodes { name taxId } } all: accounts { totalCount } }'.replace(
        '"EMEA"',
        'EMEA',
      );
    const analyst = await ask('finance-analyst', query);
    expect(analyst.errors).toBeUndefined();
    const support = await ask('emea-support', query);
    expect(support.errors?.map(({ extensions }) => extensions.code)).toEqual(['FIELD_FORBIDDEN']);
    expect(support.data.accounts.nodes[0]).toEqual({ name: analyst.data.accounts.nodes[0].name, taxId: null });
    expect(support.data.all.totalCount).toBe(support.data.accounts.totalCount);
    expect(analyst.data.all.totalCount).toBeGreaterThan(support.data.all.totalCount);
  });

  test('EMEA support sees contacts and cards masked, and nothing of another region', async () => {
    const body = await ask(
      'emea-support',
      '{ invoices(first: 50) { nodes { account { region contacts(first: 1) { nodes { email phone } } paymentMethods(first: 1) { nodes { number lastFour holder } } } } } }',
    );
    expect(body.errors).toBeUndefined();
    // biome-ignore lint/suspicious/noExplicitAny: an answer
    const accounts = body.data.invoices.nodes.map((node: any) => node.account);
    expect(accounts).toHaveLength(50);
    for (const { region, contacts, paymentMethods } of accounts) {
      expect(region).toBe('EMEA');
      for (const { email } of contacts.nodes) expect(email).toMatch(/^.[^a-z]+@example\.com$/);
      for (const { number, lastFour } of paymentMethods.nodes)
        expect(number).toMatch(new RegExp(`^[^0-9]+${lastFour}$`));
    }
  });

  test('portals see their own accounts only, and no drafts', async () => {
    const own =
      '{ accounts(first: 50) { totalCount nodes { name } } invoices(first: 100) { totalCount nodes { status } } }';
    const customer = await ask('customer-portal', own);
    const partner = await ask('partner-portal', own);
    expect([customer.errors, partner.errors]).toEqual([undefined, undefined]);
    expect([customer.data.accounts.totalCount, partner.data.accounts.totalCount]).toEqual([1, 3]);
    for (const { data } of [customer, partner]) {
      expect(data.invoices.totalCount).toBeGreaterThan(5);
      expect(data.invoices.nodes.map(({ status }: { status: string }) => status)).not.toContain('DRAFT');
    }
    const notes = await ask('customer-portal', '{ invoices { nodes { notes } } }');
    expect(notes.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('an account manager sees their own accounts, a security admin no invoice, an auditor the log with its values', async () => {
    const managed = await ask(
      'account-manager',
      '{ accounts(first: 100) { totalCount nodes { owner { fullName } } } }',
    );
    expect(managed.data.accounts.totalCount).toBeGreaterThan(10);
    const owners = managed.data.accounts.nodes.map((node: { owner: { fullName: string } }) => node.owner.fullName);
    expect(new Set(owners)).toEqual(new Set([byRole('account-manager').name]));
    const admin = await ask('security-admin', '{ invoices { nodes { number } } }');
    expect(admin.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const log = (where: string) => `{ auditEntries(first: 1, where: ${where}) { totalCount nodes { changes } } }`;
    const ofAccounts = log('{ objectName: { eq: "Account" }, action: { eq: CREATE } }');
    expect((await ask('security-admin', ofAccounts)).data.auditEntries.totalCount).toBe(0);
    expect(
      (await ask('security-admin', log('{ objectName: { eq: "Role" } }'))).data.auditEntries.totalCount,
    ).toBeGreaterThan(5);
    const audited = (await ask('auditor', ofAccounts)).data.auditEntries;
    expect(audited.totalCount).toBeGreaterThanOrEqual(200);
    expect(audited.nodes[0].changes.name[0]).toBeNull();
  });

  test('is left alone by the next start, its passwords too', async () => {
    const [before, people] = [await state(), listed()];
    expect(await seedDemo(deps)).toEqual(people);
    expect([await state(), listed()]).toEqual([before, people]);
  });

  test('two starts at a time make one demo', async () => {
    const before = await state();
    await Promise.all([seedDemo(deps), seedDemo(deps)]);
    expect(await state()).toEqual(before);
  });

  test.each<[string, () => void]>([
    ['a list that was lost', () => rmSync(file)],
    ['a list that is no list', () => writeFileSync(file, '{"oops"')],
    ['a start that ended between writing the list and setting the passwords', () => renameSync(file, `${file}.new`)],
    [
      'a start that ended between setting the passwords and naming the list',
      () =>
        writeFileSync(
          `${file}.new`,
          JSON.stringify(listed().map((person) => ({ ...person, password: 'somebody else knows' }))),
        ),
    ],
  ])('%s gives everybody a new password that is on the list', async (_, damage) => {
    const old = listed();
    damage();
    const people = await seedDemo(deps);
    expect(people).toEqual(listed());
    expect(existsSync(`${file}.new`)).toBe(false);
    for (const [index, { email, password }] of people.entries())
      expect([email, password === old[index]!.password]).toEqual([email, false]);
    const [first] = people;
    expect((await gateway.signIn(first!.email, old[0]!.password)).body.errors?.[0]?.extensions.code).toBe(
      'UNAUTHENTICATED',
    );
    expect((await gateway.signIn(first!.email, first!.password)).body.errors).toBeUndefined();
  });

  test('a start that ended before anybody had a password is completed by the next', async () => {
    rmSync(file);
    await gateway.sql('delete from user_credential');
    const people = await seedDemo(deps);
    expect(people).toHaveLength(12);
    expect((await gateway.signIn(people[3]!.email, people[3]!.password)).body.errors).toBeUndefined();
  });

  test('a password that its owner changed stays theirs', async () => {
    const { email, password } = byRole('auditor');
    const token = (await gateway.signIn(email, password)).body.data.signIn.accessToken;
    const changed = await gateway.ask(
      token,
      'mutation ($i: ChangePasswordInput!) { changePassword(input: $i) { changed } }',
      {
        i: { currentPassword: password, newPassword: 'seven lamps over quiet water' },
      },
    );
    expect(changed.body).toMatchObject({ data: { changePassword: { changed: true } } });
    await seedDemo(deps);
    expect((await gateway.signIn(email, 'seven lamps over quiet water')).body.errors).toBeUndefined();
  });
});

test('a database with a policy of its own is never filled with a demo', async () => {
  const own = await startTestGateway();
  await own.install(own.roleRecords('reader'));
  const { database, writes, snapshots, now, log } = own.core;
  expect(await seedDemo({ pool: database.pool, writes, snapshots, now, log, dataDir: own.dataDir })).toEqual([]);
  expect(
    await own.sql('select (select count(*)::int from account) as accounts, (select count(*)::int from role) as roles'),
  ).toEqual([{ accounts: 0, roles: 1 }]);
  expect(existsSync(path.join(own.dataDir, 'demo-people.json'))).toBe(false);
  await own.stop();
});
