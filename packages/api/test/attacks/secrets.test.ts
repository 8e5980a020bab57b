import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { canonicalJson, verifySlots } from '@countersign/crypto';
import { builtinCatalogue } from '@countersign/schema';
import { openCore, serve } from '../../src/compose';
import { createLog } from '../../src/log';
import { readSettings } from '../../src/settings';
import { createTestDatabase } from '../harness';
import { blank, codes } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { TestGateway, type TestPerson } from '../harness/test-gateway';

/* A day full of passwords, tokens, mistakes and failures, and then a look at everything that was written down. */
describe('What is written down', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let user: TestPerson;
  const dataDir = mkdtempSync(path.join(tmpdir(), 'countersign-secrets-'));
  const logged: string[] = [];
  const answers: string[] = [];
  const PASSWORDS = {
    wrong: 'wrong zebra crossing eleven',
    own: 'purple submarine under glass',
    set: 'ninety orange bicycles singing',
    broken: 'tall ships in a broken bottle',
    weak: 'password1234567',
    misplaced: 'misplaced kettle on the moon',
  };
  const NOTE = 'a note that nobody else may read 0f3b';

  beforeAll(async () => {
    const database = await createTestDatabase();
    const settings = readSettings({
      DATA_DIR: dataDir,
      DATABASE_URL: database.gatewayUrl,
      PORT: '0',
      LOG_LEVEL: 'trace',
    });
    const to = new Writable({
      write(chunk, _encoding, done) {
        logged.push(String(chunk));
        done();
      },
    });
    const core = await openCore(settings, { log: createLog('trace', to) });
    gateway = new TestGateway(core, await serve(core), database, builtinCatalogue(), dataDir, true);
    const post = gateway.post.bind(gateway);
    gateway.post = async (...args) => {
      const answer = await post(...args);
      // Whoever signs in gets a token; nothing else ever does.
      if (!answer.body.data?.signIn) answers.push(answer.text);
      return answer;
    };
    ledger = await sampleLedger(gateway);
    user = await gateway.person({ name: 'Una User', audience: 'STAFF', roles: ['analyst'] });
    await liveThrough();
  });
  afterAll(async () => {
    await gateway?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Signs in and out, changes passwords, makes mistakes, and does it all again while tables are missing. */
  async function liveThrough(): Promise<void> {
    const token = ledger.admin.token;
    await gateway.signIn(user.email, PASSWORDS.wrong);
    await gateway.signIn('nobody@example.com', PASSWORDS.wrong);
    await gateway.ask(
      null,
      `mutation { signIn(input: { email: "${user.email}", password: "${PASSWORDS.wrong}" }) { accessToken } }`,
    );
    await gateway.ask(null, 'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }', {
      input: { email: user.email, pasword: PASSWORDS.misplaced },
    });
    await gateway.ask(
      null,
      `mutation { signIn(input: { email: "x", passwort: "${PASSWORDS.misplaced}" }) { accessToken } }`,
    );
    const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { changed reasons } }';
    await gateway.ask(user.token, change, { input: { currentPassword: PASSWORDS.wrong, newPassword: PASSWORDS.own } });
    await gateway.ask(user.token, change, { input: { currentPassword: user.password, newPassword: PASSWORDS.weak } });
    await gateway.ask(user.token, change, { input: { currentPassword: user.password, newPassword: PASSWORDS.own } });
    const set = 'mutation ($input: SetPasswordInput!) { setPassword(input: $input) { changed reasons } }';
    await gateway.ask(token, set, { input: { userId: ledger.support.userId, newPassword: PASSWORDS.set } });
    await gateway.ask(token, set, { input: { userId: 'no id', newPassword: PASSWORDS.set } });
    await gateway.ask(`${user.token}x`, '{ viewer { id } }');
    await gateway.ask(user.token.replace('.', '!'), '{ viewer { id } }');

    const [invoice] = await gateway.sql('select id, version, account_id from invoice limit 1');
    const note = `mutation ($id: ID!, $version: Int!) { updateInvoice(id: $id, expectedVersion: $version, input: { notes: "${NOTE}" }) { userErrors { message } } }`;
    for (const table of ['user_credential', 'audit_value', 'sign_in_attempt', 'invoice']) {
      await gateway.sql(`alter table ${table} rename to ${table}_away`);
      try {
        await gateway.signIn(ledger.support.email, PASSWORDS.broken);
        await gateway.ask(token, set, { input: { userId: ledger.support.userId, newPassword: PASSWORDS.broken } });
        await gateway.ask(token, note, { id: invoice!.id, version: invoice!.version });
      } finally {
        await gateway.sql(`alter table ${table}_away rename to ${table}`);
      }
    }
    const twice = {
      accountId: invoice!.account_id,
      number: NOTE,
      currency: 'EUR',
      issuedOn: '2026-01-01',
      dueOn: '2026-01-02',
      externalId: NOTE,
    };
    for (let n = 0; n < 2; n += 1) {
      await gateway.ask(
        token,
        'mutation ($input: InvoiceCreateInput!) { createInvoice(input: $input) { userErrors { message } } }',
        { input: twice },
      );
    }
    await gateway.ask(token, note, { id: invoice!.id, version: invoice!.version });
    await gateway.signIn(user.email, PASSWORDS.own);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
  }

  const everythingIn = async (table: string) =>
    (await gateway.sql(`select coalesce(string_agg(t::text, E'\\n'), '') as all from ${table} t`))[0]!.all as string;
  const root = () => readFileSync(path.join(dataDir, 'root-secret'), 'utf8').trim().split(':')[1]!;

  test.each(['audit_entry', 'audit_value', 'operation_event', 'sign_in_attempt', 'policy_version'])(
    'no password, hash, token, key or MAC is in %s',
    async (table) => {
      const text = await everythingIn(table);
      expect(text.length).toBeGreaterThan(100);
      for (const password of [...Object.values(PASSWORDS), user.password]) expect(text).not.toContain(password);
      expect(text).not.toMatch(/\$argon2|eyJ[A-Za-z0-9_-]{10}|password_hash|"mac"|countersign-root/);
      expect(text).not.toContain(root());
      const macs = await gateway.sql(
        `select encode(mac, 'hex') as hex, encode(mac, 'base64') as base64 from app_user
          union all select encode(mac, 'hex'), encode(mac, 'base64') from role_assignment`,
      );
      for (const { hex, base64 } of macs) {
        if (table !== 'policy_version') expect(text).not.toContain(hex);
        expect(text).not.toContain(base64);
      }
    },
  );

  test('nor in our own log, which holds no value of a record either', () => {
    const text = logged.join('');
    expect(text).toContain('"level":50');
    for (const password of [...Object.values(PASSWORDS), user.password]) expect(text).not.toContain(password);
    expect(text).not.toMatch(/\$argon2|eyJ[A-Za-z0-9_-]{10}/);
    expect(text).not.toContain(root());
    expect(text).not.toContain(NOTE);
    for (const { email } of Object.values(ledger).filter((one) => 'email' in one) as TestPerson[]) {
      expect(text).not.toContain(email);
    }
  });

  test('nor in any answer but that of signing in', () => {
    expect(answers.length).toBeGreaterThan(20);
    // A decision id may hold any letters; a value that does not fit its variable is shown to who sent it.
    const text = blank(answers.join('\n'));
    expect(text).not.toMatch(/\$argon2|eyJ[A-Za-z0-9_-]{10}/);
    const { misplaced: _, ...others } = PASSWORDS;
    for (const password of Object.values(others)) expect(text).not.toContain(password);
  });

  test('every change of every record has its entry, and every entry recomputes', async () => {
    const odd = {
      '': null,
      ' ': 1e21,
      '\u20ac': [1e-7, 0.1, -0, 5e-324, 1.7976931348623157e308, 9007199254740991, 4.5e15, 100],
      '\ud83d\ude00': 'a\u2028b\u0001\u007f\\"/',
      '\ufb33': { '1': {}, '10': [], '2': [[]] },
      __proto__x: true,
    };
    const condition = JSON.parse(`{"__proto__": {"a": 1}, "constructor": 2, "x": ${JSON.stringify(odd)}}`);
    const [product] = await gateway.install([{ verb: 'create', object: 'Product', input: { name: 'p', code: 'p' } }]);
    const price = {
      productId: product!.id,
      model: 'TIERED',
      currency: 'EUR',
      effectiveFrom: '2026-01-01',
      tiers: condition,
    };
    const made = await gateway.ask(
      ledger.admin.token,
      'mutation ($input: PriceCreateInput!) { createPrice(input: $input) { price { id tiers } userErrors { field message } } }',
      { input: price },
    );
    expect(made.body.data.createPrice.userErrors).toEqual([]);
    const id = made.body.data.createPrice.price.id;
    const update = (version: number, tiers: unknown) =>
      gateway.ask(
        ledger.admin.token,
        'mutation ($id: ID!, $version: Int!, $input: PriceUpdateInput!) { updatePrice(id: $id, expectedVersion: $version, input: $input) { price { version } userErrors { message } } }',
        { id, version, input: { tiers } },
      );
    // The same in another order is no change.
    const turned = Object.fromEntries(Object.entries(condition).reverse());
    expect((await update(1, turned)).body.data.updatePrice.price.version).toBe(1);
    expect((await update(1, [odd, condition])).body.data.updatePrice.price.version).toBe(2);

    const rows = await gateway.sql(
      'select e.header, e.commitments, v.slots, v.salts from audit_entry e join audit_value v on v.entry_id = e.id',
    );
    for (const { header, commitments, slots, salts } of rows) {
      expect(canonicalJson(JSON.parse(String(header)))).toBe(header);
      expect(verifySlots(slots as never, salts as Buffer, commitments as Buffer)).toBe(true);
    }
    for (const { name, table, verbs } of gateway.catalogue.objects.values()) {
      if (verbs.length === 0) continue;
      const broken = await gateway.sql(
        `select t.id, t.version from ${table} t where t.version <> (select count(*) from audit_entry e
          where e.record_id = t.id and e.object_name = '${name}' and e.action in ('CREATE', 'UPDATE'))`,
      );
      expect([name, broken]).toEqual([name, []]);
    }
    expect(codes(made)).toEqual([]);
  });
});
