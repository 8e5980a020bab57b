import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { connectionConfig, roleOf } from '@countersign/api/dist/database/connection';
import { isRunning } from '@countersign/api/dist/database/embedded/process-state';
import {
  startEmbeddedPostgres,
  stopEmbeddedPostgres,
} from '@countersign/api/dist/database/embedded/start-embedded-postgres';
import { migrate } from '@countersign/api/dist/database/migrate';
import { Client } from 'pg';

const PREFIX = 'countersign-bench-';

export interface BenchDatabase {
  readonly ownerUrl: string;
  readonly gatewayUrl: string;
  /** The gateway's own files. */
  readonly dataDir: string;
  stop(): Promise<void>;
}

/**
 * The one PostgreSQL that all servers read, with the schema and no data: DATABASE_URL with DATABASE_OWNER_URL where both
 * are set, else an embedded one in a folder that goes with the run.
 *
 * Throws for a database that holds the schema already: the benchmark fills tables and would not tell your data from its own.
 */
export async function openDatabase(env: NodeJS.ProcessEnv): Promise<BenchDatabase> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  // The account that runs PostgreSQL has to pass through.
  chmodSync(dataDir, 0o711);
  const remove = () => removeFolder(dataDir);
  try {
    const { stop, ...urls } = await ownOrEmbedded(env, dataDir);
    await migrate({ ownerUrl: urls.ownerUrl, gatewayRole: roleOf(urls.gatewayUrl) });
    return { ...urls, dataDir, stop: () => stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Stops and removes what runs that were killed left behind. */
export async function sweepFolders(): Promise<void> {
  for (const name of readdirSync(os.tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isRunning(pid)) continue;
    const folder = path.join(os.tmpdir(), name);
    await stopEmbeddedPostgres(folder).catch(() => {});
    removeFolder(folder);
  }
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

async function ownOrEmbedded(env: NodeJS.ProcessEnv, dataDir: string) {
  const { DATABASE_URL: gatewayUrl, DATABASE_OWNER_URL: ownerUrl } = env;
  if (!gatewayUrl || !ownerUrl) {
    const { ownerUrl, gatewayUrl, stop } = await startEmbeddedPostgres({ dataDir });
    return { ownerUrl, gatewayUrl, stop };
  }
  const client = new Client(connectionConfig({ url: ownerUrl, applicationName: 'countersign bench' }));
  await client.connect();
  try {
    const { rowCount } = await client.query(`select from pg_namespace where nspname = 'countersign'`);
    if (rowCount)
      throw new Error('The database holds the countersign schema already. Give the benchmark an empty one.');
  } finally {
    await client.end();
  }
  return { ownerUrl, gatewayUrl, stop: async () => {} };
}
