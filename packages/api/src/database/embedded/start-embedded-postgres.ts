import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type ClusterFolder, clusterFolder, makeClusterFolder } from './cluster-folder';
import { forgetUsers, registerUser, unregisterUser } from './cluster-users';
import { exclusively } from './exclusively';
import { findPostgres } from './find-postgres';
import { initialiseCluster } from './initialise-cluster';
import { type Passwords, readOrMakePasswords } from './passwords';
import {
  findPostmaster,
  lastWords,
  launchPostmaster,
  type Postmaster,
  removeStalePostmasterFile,
  stopPostmaster,
} from './postmaster';
import { prepareBinaries } from './prepare-binaries';
import { DATABASE, KEYS_DATABASE, provision } from './provision';
import { serverAccount } from './server-account';

const LOCK_MS = 120_000;
const READY_MS = 60_000;
const POLL_MS = 20;
const PORT_TRIES = 5;

export interface EmbeddedPostgres {
  /** The superuser, for making databases. Only tests and the launcher use it. */
  readonly adminUrl: string;
  /** Owns the schema: migrations. */
  readonly ownerUrl: string;
  /** Owns nothing: requests. */
  readonly gatewayUrl: string;
  /** The key ledger's own database. */
  readonly keysUrl: string;
  /** True when the server was running already. */
  readonly attached: boolean;
  /** Lets go of the server; the last process that uses it stops it. May be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The folder that holds everything; made when missing. */
  readonly dataDir: string;
  /** False gives up safety on power loss for speed: tests only. */
  readonly durable?: boolean;
  /** Where a copy of the programs goes when they cannot run from node_modules; by default beside the data. */
  readonly copiesIn?: string;
}

/**
 * Starts the PostgreSQL that came from npm on `dataDir`, or joins the one that runs there already (another gateway, a
 * command, or what a killed process left behind). Resolves when it answers and its roles and databases exist.
 *
 * There is never more than one server on a folder. It listens on loopback only and asks everyone for a password.
 * Throws with the server's last words when it cannot start.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const account = serverAccount();
  const cluster = await makeClusterFolder(options.dataDir, account);
  return exclusively(cluster.lockFile, LOCK_MS, async () => {
    if (existsSync(path.join(cluster.data, 'PG_VERSION')) && !existsSync(cluster.passwordFile)) {
      throw new Error(`${cluster.passwordFile} is missing, and without it nobody gets into ${cluster.data}`);
    }
    const passwords = await readOrMakePasswords(cluster.passwordFile);
    const running = await joinRunning(cluster, passwords);
    const port = running?.port ?? (await startFresh(cluster, passwords, options, account));
    const urls = urlsOf(passwords, port);
    await provision(urls.adminUrl, passwords);
    const user = await registerUser(cluster.users);
    return { ...urls, attached: running !== undefined, stop: () => letGo(cluster, user) };
  });
}

/** Stops the server on a folder, whoever uses it. Does nothing when none runs. */
export async function stopEmbeddedPostgres(dataDir: string): Promise<void> {
  const { data } = clusterFolder(dataDir);
  const running = await findPostmaster(data);
  if (running) await stopPostmaster(data, running);
}

async function letGo(cluster: ClusterFolder, user: string): Promise<void> {
  await exclusively(cluster.lockFile, LOCK_MS, async () => {
    const { last } = await unregisterUser(cluster.users, user);
    const running = last ? await findPostmaster(cluster.data) : undefined;
    if (running) await stopPostmaster(cluster.data, running);
  });
}

/** The server that runs already and answers, or undefined when none does. One that is stopping is waited for. */
async function joinRunning(cluster: ClusterFolder, passwords: Passwords): Promise<Postmaster | undefined> {
  for (const deadline = Date.now() + READY_MS; ; await sleep(POLL_MS)) {
    const found = await findPostmaster(cluster.data);
    if (!found) return undefined;
    if ((await answer(urlsOf(passwords, found.port).adminUrl, cluster.data)) === 'ready') return found;
    if (Date.now() > deadline) {
      throw new Error(`PostgreSQL (process ${found.pid}) runs on ${cluster.data} but does not answer. Stop it first.`);
    }
  }
}

async function startFresh(
  cluster: ClusterFolder,
  passwords: Passwords,
  options: EmbeddedOptions,
  account: ReturnType<typeof serverAccount>,
): Promise<number> {
  const durable = options.durable ?? true;
  const copiesIn = options.copiesIn ?? cluster.home;
  await mkdir(copiesIn, { recursive: true });
  const binaries = await prepareBinaries(findPostgres(), copiesIn, account);
  await initialiseCluster(cluster, binaries, account, { durable, adminPassword: passwords.countersign_admin });
  await removeStalePostmasterFile(cluster.data);
  await forgetUsers(cluster.users);

  let port = await keptPort(cluster.portFile);
  for (let tries = 1; ; tries++) {
    const child = launchPostmaster(cluster, binaries, account, { port, durable });
    if (await becomesReady(() => child.exitCode ?? child.signalCode, urlsOf(passwords, port).adminUrl, cluster)) break;
    // Someone else took the port meanwhile; anything else will not get better by trying again.
    if (tries === PORT_TRIES || !lastWords(cluster.logFile).includes('could not create any TCP/IP sockets')) {
      throw new Error(`PostgreSQL did not start on ${cluster.data}:\n${lastWords(cluster.logFile)}`);
    }
    port = await freePort();
  }
  await writeFile(cluster.portFile, `${port}\n`, { mode: 0o600 });
  return port;
}

/** False when the server ended before it answered. */
async function becomesReady(ended: () => unknown, url: string, cluster: ClusterFolder): Promise<boolean> {
  for (const deadline = Date.now() + READY_MS; ; await sleep(POLL_MS)) {
    if (ended() !== null) return false;
    if ((await answer(url, cluster.data)) === 'ready') return true;
    if (Date.now() > deadline) throw new Error(`PostgreSQL on ${cluster.data} is not ready after 60 seconds`);
  }
}

/** Whether the server behind the URL is the one on that directory. Any other program on the port is not. */
async function answer(url: string, data: string): Promise<'ready' | 'not yet'> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return path.resolve(rows[0]?.data_directory ?? '') === data ? 'ready' : 'not yet';
  } catch (error) {
    // A wrong password does not become right by waiting: the passwords are not those of this cluster.
    if ((error as { code?: string }).code === '28P01') throw error;
    return 'not yet';
  } finally {
    await client.end().catch(() => {});
  }
}

/** The port of the last start when it is free, so that a URL someone wrote down keeps working; else a new one. */
async function keptPort(portFile: string): Promise<number> {
  const kept = Number(await readFile(portFile, 'utf8').catch(() => ''));
  return kept > 0 ? freePort(kept).catch(() => freePort()) : freePort();
}

function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function urlsOf(passwords: Passwords, port: number) {
  const url = (role: keyof Passwords, database: string) =>
    `postgres://${role}:${encodeURIComponent(passwords[role])}@127.0.0.1:${port}/${database}`;
  return {
    adminUrl: url('countersign_admin', 'postgres'),
    ownerUrl: url('countersign_owner', DATABASE),
    gatewayUrl: url('countersign_gateway', DATABASE),
    keysUrl: url('countersign_keys', KEYS_DATABASE),
  };
}
