import type { Pool } from 'pg';
import { createPool, roleOf } from '../../src/database/connection';
import { createDataSource } from '../../src/database/data-source';
import { gatewayRoleProblems } from '../../src/database/gateway-role-problems';
import { migrate, pendingMigrations, requireCurrentSchema } from '../../src/database/migrate';
import { migrations } from '../../src/database/migrations';
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from '../harness';

function pool(url: string, options: { statementTimeoutMs?: number } = {}): Pool {
  return createPool({ url, applicationName: 'test', max: 2, onError: () => {}, ...options });
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const asked = pool(url);
  try {
    return (await asked.query(sql)).rows;
  } finally {
    await asked.end();
  }
}

describe('migrations', () => {
  let empty: TestDatabase;
  beforeEach(async () => {
    empty = await createEmptyTestDatabase();
  });
  afterEach(() => empty.drop());

  const run = () => migrate({ ownerUrl: empty.ownerUrl, gatewayRole: roleOf(empty.gatewayUrl) });

  test('bring an empty database up to date, and a second run finds nothing to do', async () => {
    await expect(requireCurrentSchema(empty.gatewayUrl)).rejects.toThrow(
      /lacks \d+ migration\(s\).*DATABASE_OWNER_URL/s,
    );
    await expect(run()).resolves.toHaveLength(migrations.length);
    await expect(pendingMigrations(empty.gatewayUrl)).resolves.toEqual({ pending: [], unknown: [] });
    await expect(run()).resolves.toEqual([]);
  });

  test('run once when two processes start at the same time', async () => {
    const ran = await Promise.all([run(), run()]);
    expect(ran.map((names) => names.length).sort((a, b) => a - b)).toEqual([0, migrations.length]);
    const noted = await ask(empty.ownerUrl, 'select name from countersign.migration group by name');
    expect(noted).toHaveLength(migrations.length);
  });

  test('leave everything in our own two schemas, owned by the owner', async () => {
    await run();
    const strays = await ask(
      empty.ownerUrl,
      `select relname from pg_class join pg_namespace n on n.oid = relnamespace
        where relowner = (select oid from pg_roles where rolname = current_user) and nspname not in ('countersign', 'countersign_jobs', 'pg_toast')`,
    );
    expect(strays).toEqual([]);
  });

  test('never touch a schema that a newer version made', async () => {
    await run();
    await ask(empty.ownerUrl, "insert into countersign.migration (timestamp, name) values (9999999999999, 'Tomorrow')");
    await expect(run()).rejects.toThrow(/newer Countersign \(Tomorrow/);
    await expect(requireCurrentSchema(empty.gatewayUrl)).rejects.toThrow(/newer Countersign/);
  });

  test('say so when the gateway’s role does not exist', async () => {
    await expect(migrate({ ownerUrl: empty.ownerUrl, gatewayRole: 'nobody_here' })).rejects.toThrow(
      /role nobody_here does not exist/,
    );
  });
});

describe('a connection', () => {
  let database: TestDatabase;
  let connected: Pool;
  beforeAll(async () => {
    database = await createTestDatabase();
    connected = pool(database.gatewayUrl, { statementTimeoutMs: 300 });
  });
  afterAll(async () => {
    await connected.end();
    await database.drop();
  });

  test('sees our schema only, in UTC, without JIT', async () => {
    const { rows } = await connected.query(
      `select current_setting('search_path') as path, current_setting('timezone') as zone, current_setting('jit') as jit,
              current_setting('application_name') as name`,
    );
    expect(rows).toEqual([{ path: 'countersign', zone: 'UTC', jit: 'off', name: 'test' }]);
  });

  test('gives decimals, big numbers, days and points in time as PostgreSQL writes them, in arrays as well', async () => {
    const { rows } = await connected.query({
      rowMode: 'array',
      text: `select 0.10::numeric(20,2), 9007199254740993::int8, date '0099-02-28', timestamptz '2024-02-29T12:00:00.123456Z',
                    timestamp 'infinity', array[12345678901234567890.5], array[9007199254740993], array[date '2024-01-01']`,
    });
    expect(rows[0]).toEqual([
      '0.10',
      '9007199254740993',
      '0099-02-28',
      '2024-02-29 12:00:00.123456+00',
      'infinity',
      ['12345678901234567890.5'],
      ['9007199254740993'],
      ['2024-01-01'],
    ]);
  });

  test('ends a statement that runs too long', async () => {
    await expect(connected.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
  });

  test('keeps its settings when the URL brings options of its own', async () => {
    const url = new URL(database.gatewayUrl);
    url.searchParams.set('options', '-c search_path=public -c work_mem=8MB');
    const rows = await ask(
      url.href,
      "select current_setting('search_path') as path, current_setting('work_mem') as memory",
    );
    expect(rows).toEqual([{ path: 'countersign', memory: '8MB' }]);
  });

  test('that breaks while idle is reported and does not end the process', async () => {
    const errors: Error[] = [];
    const idle = createPool({
      url: database.gatewayUrl,
      applicationName: 'idle',
      onError: (error) => errors.push(error),
    });
    await idle.query('select 1');
    await ask(
      database.adminUrl,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'idle'",
    );
    for (let tries = 0; errors.length === 0 && tries < 100; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(errors).toHaveLength(1);
    await expect(idle.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await idle.end();
  });

  test('through TypeORM has the same settings and gives the same texts', async () => {
    const source = createDataSource({ url: database.gatewayUrl, applicationName: 'twin', onError: () => {} });
    await source.initialize();
    const rows = await source.query(
      "select current_setting('timezone') as zone, current_setting('jit') as jit, date '2024-01-01' as day",
    );
    expect(rows).toEqual([{ zone: 'UTC', jit: 'off', day: '2024-01-01' }]);
    await source.destroy();
  });
});

describe('the role that serves requests', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function problemsOf(url: string): Promise<string[]> {
    const asked = pool(url);
    try {
      return await gatewayRoleProblems(asked);
    } finally {
      await asked.end();
    }
  }

  test('is fit when it owns nothing', async () => {
    await expect(problemsOf(database.gatewayUrl)).resolves.toEqual([]);
  });

  test('is refused when it is a superuser or owns the schema', async () => {
    await expect(problemsOf(database.adminUrl)).resolves.toEqual([expect.stringContaining('is a superuser')]);
    const problems = await problemsOf(database.ownerUrl);
    expect(problems.join('\n')).toMatch(/owns the database .*\n.*owns the /);
  });

  test('is refused when it can become someone who owns a table, or may read every table', async () => {
    // Roles belong to the whole server, so their names must be this run's own.
    const [middle, name] = [`middle_${process.pid}`, `intruder_${process.pid}`];
    const intruder = new URL(database.gatewayUrl);
    const inDatabase = `database "${intruder.pathname.slice(1)}"`;
    intruder.username = name;
    intruder.password = 'x';
    await ask(
      database.adminUrl,
      `create role ${middle};
       create role ${name} login password 'x' in role ${middle}, pg_read_all_data;
       grant connect on ${inDatabase} to ${name};
       create table countersign.lent (a int);
       alter table countersign.lent owner to ${middle}`,
    );
    const problems = await problemsOf(intruder.href);
    expect(problems.join('\n')).toMatch(/member of pg_read_all_data\n.*owns the table lent, or can become its owner/);
    await ask(
      database.adminUrl,
      `drop table countersign.lent; revoke all on ${inDatabase} from ${name}; drop role ${name}, ${middle}`,
    );
  });
});
