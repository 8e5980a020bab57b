import { asAdmin, createDatabase, type TestServer, testServer, withDatabase } from './test-server';

export interface TestDatabase {
  /** Owns the schema. */
  readonly ownerUrl: string;
  /** Serves requests. */
  readonly gatewayUrl: string;
  /** The superuser of the test server, in this database: for playing an intruder, never for what the gateway does. */
  readonly adminUrl: string;
  /** Removes the database, whoever is still connected. Databases that are not dropped go with the run. */
  drop(): Promise<void>;
}

let made = 0;

/** A database of one's own with the current schema and no data. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  return create(server, server.template);
}

/** A database of one's own with nothing in it, for tests of the migrations themselves. */
export async function createEmptyTestDatabase(): Promise<TestDatabase> {
  return create(await testServer(), 'template0');
}

async function create(server: TestServer, template: string): Promise<TestDatabase> {
  const name = `${server.run}_${process.pid}_${++made}`;
  await asAdmin(server.adminUrl, createDatabase({ ...server, template }, name));
  return {
    ownerUrl: withDatabase(server.ownerUrl, name),
    gatewayUrl: withDatabase(server.gatewayUrl, name),
    adminUrl: withDatabase(server.adminUrl, name),
    drop: () => asAdmin(server.adminUrl, [`drop database if exists ${name} with (force)`]),
  };
}

/** A database with everything that is in another one, to which nobody may be connected. */
export async function copyTestDatabase(of: TestDatabase): Promise<TestDatabase> {
  return create(await testServer(), new URL(of.adminUrl).pathname.slice(1));
}
