import { canonicalJson, type Slot, verifySlots } from '@countersign/crypto';
import { builtinCatalogue, storedMembers } from '@countersign/schema';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/harness';

interface Entry {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly object_name: string;
  readonly record_id: string;
  readonly outside: boolean;
  readonly reason: string;
  readonly header: string;
  readonly commitments: Buffer;
  readonly slots: Record<string, Slot>;
  readonly salts: Buffer;
  readonly queued: boolean;
}

const ACCOUNT = '018f0000-0000-7000-8000-000000000001';
const INVOICE = '018f0000-0000-7000-8000-000000000002';
const PRICE = '018f0000-0000-7000-8000-000000000003';
const PRODUCT = '018f0000-0000-7000-8000-000000000004';

let database: TestDatabase;
let owner: Client;
let gateway: Client;

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('set search_path = countersign');
  return client;
}

beforeEach(async () => {
  database = await createTestDatabase();
  [owner, gateway] = await Promise.all([connect(database.ownerUrl), connect(database.gatewayUrl)]);
});

afterEach(async () => {
  await Promise.all([owner?.end(), gateway?.end()]);
  await database?.drop();
});

const addAccount = (client: Client) =>
  client.query(
    `insert into account (id, name, region, segment, currency, credit_limit)
     values ($1, $2, 'EMEA', 'ENTERPRISE', 'EUR', 1000.5)`,
    [ACCOUNT, 'Zoë "Q" \u2028 😀 \\ Ltd\n'],
  );

async function entries(): Promise<Entry[]> {
  const { rows } = await owner.query(`
    select e.*, v.slots, v.salts, exists (select from audit_unsealed u where u.entry_id = e.id) as queued
    from audit_entry e join audit_value v on v.entry_id = e.id order by e.at, e.id`);
  return rows;
}

/** Everything that an offline reader would check about one entry, from its columns alone. */
function expectSound(entry: Entry): void {
  expect(entry.header).toBe(
    canonicalJson({
      v: 2,
      id: entry.id,
      at: entry.at.toISOString(),
      action: entry.action,
      object: entry.object_name,
      record: entry.record_id,
      outside: true,
      reason: entry.reason,
      slots: Object.keys(entry.slots).sort(),
      user: null,
      person: null,
      client: null,
      request: null,
      policyVersion: null,
      session: null,
      onBehalfOf: null,
      breakGlass: false,
      code: null,
    }),
  );
  expect(verifySlots(entry.slots, entry.salts, entry.commitments)).toBe(true);
  expect(entry.queued).toBe(true);
  expect(entry.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Math.abs(Number.parseInt(entry.id.replace('-', '').slice(0, 12), 16) - entry.at.getTime())).toBeLessThan(
    2_000,
  );
}

test('a record made behind the back of the gateway leaves a trace that names the database role and every value', async () => {
  await addAccount(owner);
  await owner.query(
    `insert into invoice (id, account_id, number, currency, issued_on, due_on, total)
     values ($1, $2, 'A-1', 'EUR', '2026-01-31', '2026-02-28', 120)`,
    [INVOICE, ACCOUNT],
  );
  const [, entry] = await entries();
  expect(entry).toMatchObject({ action: 'CREATE', object_name: 'Invoice', record_id: INVOICE, outside: true });
  expect(entry!.reason).toContain(new URL(database.ownerUrl).username);
  expect(entry!.slots).toMatchObject({
    id: [null, INVOICE],
    version: [null, 1],
    account: [null, ACCOUNT],
    issuedOn: [null, '2026-01-31'],
    status: [null, 'DRAFT'],
    subtotal: [null, '0.00'],
    total: [null, '120.00'],
    createdAt: [null, expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)],
  });
  expect(Object.keys(entry!.slots)).not.toContain('notes');
  for (const one of await entries()) expectSound(one);
});

test('an update traces exactly the members whose value changed, in a session of any time zone and date style', async () => {
  await addAccount(owner);
  await owner.query(`set timezone = 'Asia/Tokyo'; set datestyle = 'SQL, DMY'; set extra_float_digits = -15`);
  await owner.query(`update account set credit_limit = null, updated_at = '2026-03-29T01:02:03.400Z', name = name`);
  await owner.query(`reset timezone; reset datestyle`);
  const [, entry] = await entries();
  expect(entry!.action).toBe('UPDATE');
  expect(Object.keys(entry!.slots).sort()).toEqual(['creditLimit', 'updatedAt']);
  expect(entry!.slots.creditLimit).toEqual(['1000.50', null]);
  expect(entry!.slots.updatedAt?.[1]).toBe('2026-03-29T01:02:03.400Z');
  expectSound(entry!);
});

test('deleting and truncating leave one trace for each record that is lost', async () => {
  await addAccount(owner);
  await owner.query('delete from account');
  await addAccount(owner);
  await owner.query('truncate account cascade');
  const found = await entries();
  expect(found.map((entry) => entry.action)).toEqual(['CREATE', 'DELETE', 'CREATE', 'DELETE']);
  for (const entry of found) expectSound(entry);
  expect(found[3]!.slots.region).toEqual(['EMEA', null]);
});

test('commitments over JSON values recompute with RFC 8785 numbers, escapes and key order', async () => {
  await owner.query(`insert into product (id, name, code) values ('${PRODUCT}', 'Seat', 'S')`);
  const tiers = [
    { upTo: 1.5, amount: '0.10', '\ue000': 1, '😀': 2, a: null, A: true },
    [
      0, -0.5, 1e-7, 1.25e-9, 0.000001, 1e20, 1e21, 123456789012345680000, 9007199254740992, 0.1, 5e-324,
      1.7976931348623157e308,
    ],
    'tab\t quote" line\u2028 \u007f \u0001 back\\',
    {},
    [],
  ];
  await owner.query(
    `insert into price (id, product_id, model, currency, tiers, effective_from)
     values ($1, $2, 'TIERED', 'EUR', $3, '2026-01-01')`,
    [PRICE, PRODUCT, JSON.stringify(tiers)],
  );
  const [, entry] = await entries();
  expect(entry!.slots.tiers).toEqual([null, tiers.map((t) => t)]);
  expectSound(entry!);
});

test('canonical JSON in SQL spells 2,000 random doubles as Node does', async () => {
  const numbers = Array.from({ length: 2_000 }, (_, i) => {
    const mantissa = (Math.random() - 0.5) * 10 ** Math.ceil(Math.random() * 17);
    const given = mantissa * 10 ** Math.floor((Math.random() - 0.5) * (i % 2 ? 60 : 600));
    return Number.isFinite(given) ? given : 0;
  });
  const { rows } = await owner.query('select canonical_json($1::jsonb) as text', [JSON.stringify(numbers)]);
  const spelt = (rows[0].text as string).slice(1, -1).split(',');
  expect(spelt).toHaveLength(numbers.length);
  expect(spelt.filter((text, index) => text !== canonicalJson(numbers[index]))).toEqual([]);
});

test('what the gateway writes is not traced a second time', async () => {
  await addAccount(gateway);
  await gateway.query('update account set name = $1', ['Other']);
  await gateway.query('delete from account');
  expect(await entries()).toEqual([]);
});

test('taking the role of the gateway inside another session does not escape the trace', async () => {
  const intruder = await connect(database.adminUrl);
  try {
    await intruder.query(`set role ${new URL(database.gatewayUrl).username}`);
    await addAccount(intruder);
  } finally {
    await intruder.end();
  }
  const [entry] = await entries();
  expect(entry).toMatchObject({ action: 'CREATE', outside: true });
  expect(entry!.reason).toContain(new URL(database.adminUrl).username);
  expectSound(entry!);
});

test('every table of the catalogue is traced, under the member names of the catalogue', async () => {
  const { rows } = await owner.query(`
    select t.relname as table, encode(g.tgargs, 'escape') as args from pg_trigger g join pg_class t on t.oid = g.tgrelid
    where g.tgname = 'outside_change' and t.relnamespace = 'countersign'::regnamespace`);
  const traced = new Map(rows.map(({ table, args }) => [table, (args as string).split('\\000')]));
  const tables = [...builtinCatalogue().objects.values()].filter((object) => object.name !== 'AuditEntry');
  expect([...traced.keys()].sort()).toEqual(tables.map((object) => object.table).sort());
  for (const object of tables) {
    const [name, members] = traced.get(object.table) ?? [];
    expect(name).toBe(object.name);
    const pairs = members!.split(',').map((part) => part.split(':').slice(0, 2).join(':'));
    expect(pairs.sort()).toEqual(
      storedMembers(object)
        .map((member) => `${member.column}:${member.name}`)
        .sort(),
    );
  }
});

test('the audit view shows the entry with its changes, and still shows it when the values have been erased', async () => {
  await addAccount(owner);
  const read = async () => (await gateway.query('select * from audit_record')).rows;
  const [shown] = await read();
  expect(shown).toMatchObject({
    version: 1,
    action: 'CREATE',
    object_name: 'Account',
    outside: true,
    updated_by: null,
  });
  expect(shown.created_at).toEqual(shown.at);
  expect(shown.changes.region).toEqual([null, 'EMEA']);
  await owner.query('delete from audit_value');
  expect(await read()).toEqual([{ ...shown, changes: null }]);
});
