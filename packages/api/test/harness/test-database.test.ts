import { Client } from 'pg';
import { createEmptyTestDatabase, createTestDatabase } from './test-database';

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a test database', () => {
  test('is its own: what one test writes, another does not see', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await ask(one.ownerUrl, 'create table countersign.note (line text)');
    await expect(ask(one.ownerUrl, 'select * from countersign.note')).resolves.toEqual([]);
    await expect(ask(two.ownerUrl, 'select * from countersign.note')).rejects.toMatchObject({ code: '42P01' });
    await one.drop();
    await two.drop();
    await expect(ask(one.ownerUrl, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });

  test('has the schema of today, and the gateway may look at the list of migrations but not change it', async () => {
    const database = await createTestDatabase();
    await expect(ask(database.gatewayUrl, 'select count(*) from countersign.migration')).resolves.toHaveLength(1);
    await expect(ask(database.gatewayUrl, 'delete from countersign.migration')).rejects.toMatchObject({
      code: '42501',
    });
    await database.drop();
  });

  test('can be empty', async () => {
    const database = await createEmptyTestDatabase();
    const found = await ask(database.ownerUrl, "select nspname from pg_namespace where nspname = 'countersign'");
    expect(found).toEqual([]);
    await database.drop();
  });
});
