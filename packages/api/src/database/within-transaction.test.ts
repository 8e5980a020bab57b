import type { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/harness';
import { asAdmin } from '../../test/harness/test-server';
import { createPool } from './connection';
import { withinTransaction } from './within-transaction';

describe('A connection that is borrowed from the pool', () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await createTestDatabase();
    pool = createPool({ url: database.gatewayUrl, applicationName: 'borrower', max: 1, onError: () => undefined });
  });
  afterAll(async () => {
    await pool?.end();
    await database?.drop();
  });
  const breakAll = () =>
    asAdmin(database.adminUrl, [
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'borrower'`,
    ]);

  test('may break between two statements: the next one fails, and the process goes on', async () => {
    const client = await pool.connect();
    await client.query('begin');
    const broken = new Promise((resolve) => client.once('end', resolve));
    await breakAll();
    await broken;
    await expect(client.query('select 1')).rejects.toThrow();
    client.release(true);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  test('may break again and again after somebody has stopped listening to it, and the process goes on', async () => {
    const client = await pool.connect();
    const heard = jest.fn();
    client.on('error', heard);
    client.off('error', heard);
    client.emit('error', new Error('terminating connection'));
    client.emit('error', new Error('Connection terminated unexpectedly'));
    client.release(true);
    client.emit('error', new Error('closed'));
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  test('is thrown away with its transaction when the work fails', async () => {
    const fail = withinTransaction(pool, async (client) => {
      await client.query(`insert into audit_unsealed (entry_id) values ('00000000-0000-7000-8000-000000000001')`);
      throw new Error('no');
    });
    await expect(fail).rejects.toThrow('no');
    expect((await pool.query('select count(*)::int as n from audit_unsealed')).rows).toEqual([{ n: 0 }]);
  });
});
