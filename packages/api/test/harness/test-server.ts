import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { roleOf } from '../../src/database/connection';
import { exclusively } from '../../src/database/embedded/exclusively';
import { startEmbeddedPostgres } from '../../src/database/embedded/start-embedded-postgres';
import { migrate } from '../../src/database/migrate';
import { serverFolder, testFolder } from './test-folder';

const START_MS = 120_000;

/** Where this run's databases live. The URLs differ from a test's own only in the name of the database. */
export interface TestServer {
  readonly adminUrl: string;
  readonly ownerUrl: string;
  readonly gatewayUrl: string;
  /** A database with the current schema and no data, to be copied. */
  readonly template: string;
  /** Begins the name of every database and role that this run makes. */
  readonly run: string;
}

let server: Promise<TestServer> | undefined;

/**
 * The server of this run, started by whoever asks first: the embedded one, or the one behind TEST_DATABASE_OWNER_URL,
 * whose role must be allowed to make databases and roles.
 */
export function testServer(): Promise<TestServer> {
  server ??= exclusively(path.join(testFolder(), 'server.lock'), START_MS, async () => knownServer() ?? prepare());
  return server;
}

/** The URL of another database on the same server. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** Runs SQL as the role that may make databases. Each statement runs outside a transaction. */
export async function asAdmin(adminUrl: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Leaves a server that is not ours as it was found. Does nothing for the embedded one, which goes as a whole. */
export async function dropRunFromOwnServer(): Promise<void> {
  const known = knownServer();
  if (!known || !process.env.TEST_DATABASE_OWNER_URL) return;
  const client = new Client({ connectionString: known.adminUrl });
  await client.connect();
  const like = `${known.run.replaceAll('_', '\\_')}%`;
  const { rows } = await client.query<{ name: string }>(
    'select datname as name from pg_database where datname like $1',
    [like],
  );
  for (const { name } of rows) await client.query(`drop database ${escapeIdentifier(name)} with (force)`);
  for (const url of [known.ownerUrl, known.gatewayUrl])
    await client.query(`drop role ${escapeIdentifier(roleOf(url))}`);
  await client.end();
}

function serverFile(): string {
  return path.join(testFolder(), 'server.json');
}

function knownServer(): TestServer | undefined {
  return existsSync(serverFile()) ? (JSON.parse(readFileSync(serverFile(), 'utf8')) as TestServer) : undefined;
}

async function prepare(): Promise<TestServer> {
  const given = process.env.TEST_DATABASE_OWNER_URL;
  const urls = given ? await rolesOnOwnServer(given) : await embedded();
  const template = `${urls.run}_template`;
  await asAdmin(urls.adminUrl, createDatabase({ ...urls, template: 'template0' }, template));
  await migrate({ ownerUrl: withDatabase(urls.ownerUrl, template), gatewayRole: roleOf(urls.gatewayUrl) });
  const prepared = { ...urls, template };
  writeFileSync(serverFile(), JSON.stringify(prepared), { mode: 0o600 });
  return prepared;
}

async function embedded(): Promise<Omit<TestServer, 'template'>> {
  const { adminUrl, ownerUrl, gatewayUrl } = await startEmbeddedPostgres({
    dataDir: serverFolder(testFolder()),
    copiesIn: testFolder(),
    durable: false,
  });
  return { adminUrl, ownerUrl, gatewayUrl, run: 'test' };
}

async function rolesOnOwnServer(adminUrl: string): Promise<Omit<TestServer, 'template'>> {
  const run = `countersign_test_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(18).toString('base64url');
  const urlOf = (role: string) => {
    const url = new URL(adminUrl);
    url.username = role;
    url.password = password;
    return url.href;
  };
  const roles = [`${run}_owner`, `${run}_gateway`] as const;
  await asAdmin(adminUrl, [
    ...roles.map((role) => `create role ${role} login password ${escapeLiteral(password)}`),
    `grant ${roles[0]} to current_user`,
  ]);
  return { adminUrl, ownerUrl: urlOf(roles[0]), gatewayUrl: urlOf(roles[1]), run };
}

/** A copy does not take over who may connect, so that is said for every database anew. */
export function createDatabase(on: TestServer, name: string): string[] {
  const [owner, gateway] = [on.ownerUrl, on.gatewayUrl].map((url) => escapeIdentifier(roleOf(url)));
  return [
    `create database ${name} owner ${owner} template ${on.template} encoding 'UTF8'`,
    `revoke all on database ${name} from public`,
    `grant connect on database ${name} to ${gateway}`,
  ];
}
