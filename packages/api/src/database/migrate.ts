import { Client, escapeIdentifier } from 'pg';
import { type ConnectionOptions, connectionConfig, createPool, SCHEMA } from './connection';
import { createDataSource, MIGRATIONS_TABLE } from './data-source';
import { DatabaseUnfit } from './database-unfit';
import { compareJobs, migrateJobs } from './job-queue';
import { migrations } from './migrations';

const OLDEST_SERVER = 150_000;
/** Any number will do, as long as nobody else in this database locks the same one. */
const LOCK = 7_243_650_112;

export interface MigrateOptions {
  /** The role that will own the schema. */
  readonly ownerUrl: string;
  /** The role that serves requests; it must exist. Migrations grant it what it needs. */
  readonly gatewayRole: string;
}

/**
 * Brings the schema up to date, forward only, and gives the names of the migrations that it ran. Each runs in a
 * transaction of its own. Processes that do this at the same time wait for one another.
 *
 * Migrations read the gateway's role with `current_setting('countersign.gateway_role')`.
 * Throws DatabaseUnfit when the server, the role or a newer schema forbids it.
 */
export async function migrate({ ownerUrl, gatewayRole }: MigrateOptions): Promise<string[]> {
  const connection = {
    url: ownerUrl,
    applicationName: 'countersign migrations',
    statementTimeoutMs: 0,
    session: { 'countersign.gateway_role': gatewayRole },
  };
  return withClient(connectionConfig(connection), async (lock) => {
    await requireFitServer(lock);
    await requireRole(lock, gatewayRole);
    await lock.query('select pg_advisory_lock($1)', [LOCK]);
    const { unknown } = await compare(lock);
    if (unknown.length > 0) throw newerSchema(unknown);
    await lock.query(`create schema if not exists ${SCHEMA}`);

    const source = createDataSource({ ...connection, migrations, max: 2, onError: () => {} });
    await source.initialize();
    try {
      const applied = await source.runMigrations({ transaction: 'each' });
      await letGatewayCompare(lock, gatewayRole);
      await bringJobsUpToDate(connection, gatewayRole);
      return applied.map(({ name }) => name);
    } finally {
      await source.destroy();
    }
  });
}

/** Which migrations a database lacks, and which it has that this program does not know. Any of our roles may ask. */
export function pendingMigrations(url: string): Promise<{ pending: string[]; unknown: string[] }> {
  return withClient(connectionConfig({ url, applicationName: 'countersign start' }), async (client) => {
    await requireFitServer(client);
    return compare(client);
  });
}

/** Throws DatabaseUnfit unless the schema is exactly the one this program was written for. */
export async function requireCurrentSchema(url: string): Promise<void> {
  const { pending, unknown } = await pendingMigrations(url);
  if (unknown.length > 0) throw newerSchema(unknown);
  if (pending.length > 0) {
    throw new DatabaseUnfit(
      `The database lacks ${pending.length} migration(s), the first is ${pending[0]}. ` +
        'Set DATABASE_OWNER_URL to the role that owns the schema and start again.',
    );
  }
}

async function bringJobsUpToDate(connection: ConnectionOptions, gatewayRole: string): Promise<void> {
  const pool = createPool({ ...connection, max: 2, onError: () => {} });
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await migrateJobs(pool, gatewayRole);
  } finally {
    await pool.end();
  }
}

async function withClient<T>(config: ReturnType<typeof connectionConfig>, work: (client: Client) => Promise<T>) {
  const client = new Client(config);
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function requireFitServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: number; name: string; encoding: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
            current_setting('server_encoding') as encoding`,
  );
  const [server] = rows;
  if (!server || server.version < OLDEST_SERVER) {
    throw new DatabaseUnfit(`PostgreSQL ${server?.name} is too old: Countersign needs PostgreSQL 15 or later.`);
  }
  if (server.encoding !== 'UTF8') {
    throw new DatabaseUnfit(`The database stores text as ${server.encoding}: Countersign needs a UTF8 database.`);
  }
}

async function requireRole(client: Client, role: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  if (!rowCount) {
    throw new DatabaseUnfit(`The gateway's role ${role} does not exist on this server. Create it, then start again.`);
  }
}

async function compare(client: Client): Promise<{ pending: string[]; unknown: string[] }> {
  const known: string[] = migrations.map((migration) => new migration().name ?? migration.name);
  const ran = await ranMigrations(client);
  const jobs = await compareJobs(client);
  return {
    pending: [...known.filter((name) => !ran.has(name)), ...jobs.pending],
    unknown: [...[...ran].filter((name) => !known.includes(name)), ...jobs.unknown],
  };
}

async function ranMigrations(client: Client): Promise<Set<string>> {
  const table = `${SCHEMA}.${MIGRATIONS_TABLE}`;
  const { rowCount } = await client.query('select where to_regclass($1) is not null', [table]);
  if (!rowCount) return new Set();
  const { rows } = await client.query<{ name: string }>(`select name from ${table} order by id`);
  return new Set(rows.map(({ name }) => name));
}

function newerSchema(unknown: readonly string[]): DatabaseUnfit {
  return new DatabaseUnfit(
    `The database was migrated by a newer Countersign (${unknown[0]} is not known here), and there is no way back. ` +
      'Run that version, or restore a backup.',
  );
}

/** A server without the owner's credentials must still be able to see that its schema is the right one. */
async function letGatewayCompare(client: Client, role: string): Promise<void> {
  await client.query(`grant usage on schema ${SCHEMA} to ${escapeIdentifier(role)}`);
  await client.query(`grant select on ${SCHEMA}.${MIGRATIONS_TABLE} to ${escapeIdentifier(role)}`);
}
