import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, realpathSync, statSync, truncateSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterFolder } from './cluster-folder';
import { program } from './prepare-binaries';
import { isRunning } from './process-state';
import { type ServerAccount, spawnAs } from './server-account';

const POLL_MS = 20;
const STOP_MS = 30_000;
const LOG_BYTES = 16 * 1024 * 1024;

/** What a running server says about itself in its data directory. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/**
 * The server that runs on that data directory, or undefined when none does.
 *
 * The file alone proves nothing: after a crash it stays, and its process number may belong to another program by now.
 * So the process must be a PostgreSQL that works in this very directory.
 */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const lines = await postmasterFile(data);
  const pid = Number(lines?.[0]);
  const port = Number(lines?.[3]);
  if (!Number.isInteger(pid) || pid <= 1 || !isRunning(pid) || !worksIn(pid, data)) return undefined;
  return { pid, port };
}

/**
 * Removes what a server that was killed left behind. PostgreSQL itself refuses to start when the process number in it
 * has been given to another program of the same account.
 */
export async function removeStalePostmasterFile(data: string): Promise<void> {
  await rm(path.join(data, 'postmaster.pid'), { force: true });
}

async function postmasterFile(data: string): Promise<string[] | undefined> {
  try {
    return (await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where /proc does not say, the process is taken for ours: the caller still asks the server for its directory. */
function worksIn(pid: number, data: string): boolean {
  try {
    const [command] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return /postgres(\.exe)?$/.test(command ?? '') && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
  } catch {
    return true;
  }
}

/** Launches the server and gives its process; it is not yet ready for connections. */
export function launchPostmaster(
  cluster: ClusterFolder,
  binaries: string,
  account: ServerAccount | undefined,
  options: { readonly port: number; readonly durable: boolean },
): ChildProcess {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    cluster_name: 'countersign',
    max_connections: '200',
    log_timezone: 'UTC',
    timezone: 'UTC',
    jit: 'off',
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const args = ['-D', cluster.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  if ((statSync(cluster.logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) truncateSync(cluster.logFile);
  const log = openSync(cluster.logFile, 'a', 0o600);
  // Detached: Ctrl-C goes to the whole process group, and the server must outlive the requests that still need it.
  const child = spawn(program(binaries, 'postgres'), args, {
    ...spawnAs(account, cluster.home),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  return child;
}

/** Stops a server: clients are sent away, what was committed is on disk. Throws when it runs on after 30 seconds. */
export async function stopPostmaster(data: string, { pid }: Postmaster): Promise<void> {
  signal(pid, 'SIGINT');
  for (const deadline = Date.now() + STOP_MS; isRunning(pid); await sleep(POLL_MS)) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL (process ${pid}) on ${data} does not stop`);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The end of the server's log, for an error message. */
export function lastWords(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
