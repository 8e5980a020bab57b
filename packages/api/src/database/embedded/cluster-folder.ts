import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { canEnter, type ServerAccount } from './server-account';

/** Where everything of one embedded server lies. */
export interface ClusterFolder {
  /** Ours: lock, port, passwords, users. */
  readonly folder: string;
  /** The server's own data directory. */
  readonly data: string;
  /** Where `data` and copies of the programs lie: `folder`, unless the server's account cannot get there. */
  readonly home: string;
  readonly lockFile: string;
  readonly portFile: string;
  readonly passwordFile: string;
  /** One file for each process that uses the server. */
  readonly users: string;
  readonly logFile: string;
}

/** Data of a root whose DATA_DIR only root can enter (a checkout under /root) is kept below this folder. */
const REACHABLE = '/var/lib/countersign';

/** Names the places without making them. */
export function clusterFolder(dataDir: string): ClusterFolder {
  const folder = path.join(path.resolve(dataDir), 'postgres');
  const homeFile = path.join(folder, 'home');
  const home = existsSync(homeFile) ? readFileSync(homeFile, 'utf8').trim() : folder;
  return {
    folder,
    home,
    data: path.join(home, 'data'),
    lockFile: path.join(folder, 'start.lock'),
    portFile: path.join(folder, 'port'),
    passwordFile: path.join(folder, 'passwords.json'),
    users: path.join(folder, 'users'),
    logFile: path.join(folder, 'server.log'),
  };
}

/**
 * Makes the folders, `home` below `reachable` if need be. The server's account gets only as far as it must: it may pass
 * through, not look around, and what is ours inside is readable by us alone.
 */
export async function makeClusterFolder(
  dataDir: string,
  account: ServerAccount | undefined,
  reachable = REACHABLE,
): Promise<ClusterFolder> {
  const root = path.resolve(dataDir);
  makeWithParents(root);
  await mkdir(path.join(root, 'postgres'), { recursive: true });
  if (account) for (const folder of [root, path.join(root, 'postgres')]) openForPassing(folder);

  const known = clusterFolder(dataDir);
  if (known.home === known.folder && !canEnter(account, known.folder)) {
    const home = path.join(reachable, root.replaceAll(/[^A-Za-z0-9._-]+/g, '_'));
    makeWithParents(home);
    writeFileSync(path.join(known.folder, 'home'), `${home}\n`, { mode: 0o600 });
  }
  const cluster = clusterFolder(dataDir);
  await mkdir(cluster.users, { recursive: true, mode: 0o700 });
  return cluster;
}

/** mkdir with `recursive` and a mode, or under a tight umask, closes the parents that it makes as well. */
function makeWithParents(folder: string): void {
  if (existsSync(folder)) return;
  makeWithParents(path.dirname(folder));
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() === 0) openForPassing(folder);
}

function openForPassing(folder: string): void {
  chmodSync(folder, (statSync(folder).mode & 0o777) | 0o011);
}
