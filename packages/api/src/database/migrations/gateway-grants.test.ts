import { builtinCatalogue } from '@countersign/schema';
import { Client } from 'pg';
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from '../../../test/harness';
import { migrate } from '../migrate';
import { migrations } from '.';

const connections: Client[] = [];
const databases: TestDatabase[] = [];

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  connections.push(client);
  await client.connect();
  await client.query('set search_path = countersign');
  return client;
}

async function prepared(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  databases.push(database);
  return database;
}

afterEach(async () => {
  await Promise.all(connections.splice(0).map((client) => client.end()));
  await Promise.all(databases.splice(0).map((database) => database.drop()));
});

test('the role of the gateway has exactly these rights', async () => {
  const database = await prepared();
  const owner = await connect(database.ownerUrl);
  const { rows } = await owner.query(
    `select c.relname as table, string_agg(lower(a.privilege_type), ' ' order by a.privilege_type) as rights
     from pg_class c, aclexplode(c.relacl) a
     where c.relnamespace = 'countersign'::regnamespace and a.grantee = $1::regrole
     group by c.relname`,
    [new URL(database.gatewayUrl).username],
  );
  const objects = [...builtinCatalogue().objects.values()].filter((object) => object.name !== 'AuditEntry');
  const everything = 'delete insert select update';
  const expected: Record<string, string> = {
    ...Object.fromEntries(objects.map((object) => [object.table, everything])),
    user_credential: everything,
    audit_entry: 'insert select',
    audit_value: 'insert select',
    audit_unsealed: 'insert select',
    audit_record: 'select',
    audit_log: 'select',
    audit_leaf: 'select',
    audit_node: 'select',
    audit_head: 'select',
    audit_trace: 'select',
    policy_version: 'insert select',
    pending_payload: 'insert select',
    break_glass_grant: 'insert select update',
    authority_head: 'select update',
    sign_in_attempt: 'delete insert select',
    operation_event: 'delete insert select',
    migration: 'select',
  };
  expect(Object.fromEntries(rows.map(({ table, rights }) => [table, rights]))).toEqual(expected);
});

const COLUMN: Readonly<Record<string, string>> = {
  audit_entry: 'id',
  policy_version: 'n',
  audit_node: 'level',
  audit_head: 'size',
  audit_log: 'id',
};

test.each([
  'audit_entry',
  'audit_value',
  'audit_unsealed',
  'audit_log',
  'audit_leaf',
  'audit_node',
  'audit_head',
  'policy_version',
])('the gateway cannot change, remove or truncate anything in %s', async (table) => {
  const gateway = await connect((await prepared()).gatewayUrl);
  const column = COLUMN[table] ?? 'entry_id';
  for (const attempt of [
    `update ${table} set ${column} = ${column}`,
    `delete from ${table}`,
    `truncate ${table}`,
    `alter table ${table} disable trigger all`,
    `drop table ${table}`,
  ]) {
    await expect(gateway.query(attempt)).rejects.toMatchObject({ code: '42501' });
  }
});

test('the gateway can add nothing to the log but what the functions find to be its continuation', async () => {
  const gateway = await connect((await prepared()).gatewayUrl);
  for (const table of ['audit_leaf', 'audit_node', 'audit_head', 'audit_log']) {
    await expect(gateway.query(`insert into ${table} default values`)).rejects.toMatchObject({ code: '42501' });
  }
  await gateway.query(`insert into audit_entry (id, at, action, outside, header, commitments)
    values (gen_random_uuid(), now(), 'SYSTEM', false, '{}', '')`);
  await gateway.query('insert into audit_unsealed (entry_id) select id from audit_entry');
  const { rows } = await gateway.query('select size, root from seal_audit_queue(10)');
  const { size, root } = rows[0];
  const add = `select add_audit_head($1, $2, now(), 'key', decode(repeat('00', 64), 'hex'))`;
  for (const [otherSize, otherRoot] of [
    [2, root],
    [size, Buffer.alloc(32)],
    [0, root],
    [null, root],
    [size, null],
  ]) {
    await expect(gateway.query(add, [otherSize, otherRoot])).rejects.toThrow('this is not the head');
  }
  await gateway.query(add, [size, root]);
  await expect(gateway.query(add, [size, root])).rejects.toThrow('has this head');
});

test('the gateway cannot call the functions that write entries with the rights of the owner', async () => {
  const gateway = await connect((await prepared()).gatewayUrl);
  for (const call of [
    `select write_outside_entry('Invoice', 'CREATE', '{}', null, '{}')`,
    `select attach_outside_trace('invoice', 'Invoice', 'nobody')`,
  ]) {
    await expect(gateway.query(call)).rejects.toMatchObject({ code: '42501' });
  }
});

test('there is one authority head, and it cannot be doubled', async () => {
  const owner = await connect((await prepared()).ownerUrl);
  const { rows } = await owner.query('select policy_version, people_epoch from authority_head');
  expect(rows).toEqual([{ policy_version: '0', people_epoch: '0' }]);
  for (const only of ['true', 'false']) {
    await expect(owner.query(`insert into authority_head values (${only}, 1, 1)`)).rejects.toThrow();
  }
});

test('an owner who is the gateway as well migrates without grants, and its own writes are not traced as outside', async () => {
  const database = await createEmptyTestDatabase();
  databases.push(database);
  const role = new URL(database.ownerUrl).username;
  expect(await migrate({ ownerUrl: database.ownerUrl, gatewayRole: role })).toHaveLength(migrations.length);
  const owner = await connect(database.ownerUrl);
  await owner.query(`insert into person (id, full_name) values (uuid_v7(), 'Ada Example')`);
  expect((await owner.query('select count(*)::int as n from audit_entry')).rows).toEqual([{ n: 0 }]);
});

test('migrations are named once each, in the order of the list, and none can be undone', async () => {
  const names = migrations.map((migration) => new migration().name);
  const numbers = names.map((name) => Number(name.slice(-13)));
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(new Set(names).size).toBe(names.length);
  for (const migration of migrations) await expect(new migration().down()).rejects.toThrow('cannot be undone');
});
