import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Settings } from '../settings';
import { createPool, roleOf } from './connection';
import { createDataSource } from './data-source';
import { DatabaseUnfit } from './database-unfit';
import { startEmbeddedPostgres } from './embedded/start-embedded-postgres';
import { gatewayRoleProblems } from './gateway-role-problems';
import { migrate, requireCurrentSchema } from './migrate';

export interface Database {
  /** Reads go through here. */
  readonly pool: Pool;
  /** Writing transactions go through here. */
  readonly dataSource: DataSource;
  /** For the outbox and for live updates: what listens keeps its connection for as long as it does. */
  readonly jobs: Pool;
  /** Closes both, then the embedded server if it was started here. */
  close(): Promise<void>;
}

/**
 * PostgreSQL keeps what a connection has prepared until the connection ends. Clients decide how many different statements
 * there are, so connections are replaced before that can grow large.
 */
const STATEMENTS_PER_CONNECTION = 2_000;

/** One listens for jobs and one for live updates, the others work. Connections are made when they are needed. */
const MOST_FOR_JOBS = 4;

/**
 * Opens the database that the settings name, with its schema up to date: the embedded server, or one of the customer's
 * own. Throws DatabaseUnfit with one clear line when it may not be served from.
 */
export async function openDatabase(settings: Settings, log: Logger): Promise<Database> {
  const server = await openServer(settings);
  try {
    const connection = {
      url: server.gatewayUrl,
      applicationName: 'countersign',
      statementTimeoutMs: settings.statementTimeoutMs,
      onError: (error: Error) => log.warn({ err: error }, 'a database connection broke while idle'),
    };
    const pool = createPool({ ...connection, max: settings.poolSize, maxUses: STATEMENTS_PER_CONNECTION });
    const dataSource = await createDataSource({ ...connection, max: settings.poolSize }).initialize();
    const jobs = createPool({ ...connection, applicationName: 'countersign outbox', max: MOST_FOR_JOBS });
    // What borrows them does not listen for connections that break.
    jobs.on('connect', (client) => client.on('error', connection.onError));
    const disconnect = () => Promise.allSettled([pool.end(), jobs.end(), dataSource.destroy()]);
    if (settings.mode === 'production') {
      await refuseOwner(pool).catch(async (error: unknown) => {
        await disconnect();
        throw error;
      });
    }
    const close = async () => {
      await disconnect();
      await server.stop();
    };
    return { pool, dataSource, jobs, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function openServer({ database, dataDir }: Settings): Promise<{ gatewayUrl: string; stop(): Promise<void> }> {
  if (database.kind === 'embedded') {
    const server = await startEmbeddedPostgres({ dataDir });
    await migrate({ ownerUrl: server.ownerUrl, gatewayRole: roleOf(server.gatewayUrl) });
    return server;
  }
  const { gatewayUrl, ownerUrl } = database;
  if (ownerUrl) await migrate({ ownerUrl, gatewayRole: roleOf(gatewayUrl) });
  else await requireCurrentSchema(gatewayUrl);
  return { gatewayUrl, stop: async () => undefined };
}

async function refuseOwner(pool: Pool): Promise<void> {
  const problems = await gatewayRoleProblems(pool);
  if (problems.length > 0) throw new DatabaseUnfit(problems.join('; '));
}
