import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterFolder } from './cluster-folder';
import { program } from './prepare-binaries';
import { type ServerAccount, spawnAs } from './server-account';

const UNFINISHED = 'initialising-';
const LEFT_OVERS = /^(initialising|copying)-/;

/** Only passwords, only over loopback: there is no local socket, and no line trusts anybody. */
const HOST_RULES = `# Written by Countersign.
host all all 127.0.0.1/32 scram-sha-256
`;

/**
 * Makes the data directory of a new cluster; does nothing when there is one.
 *
 * It is made under another name and renamed when whole, so an interrupted start leaves nothing that looks like a
 * cluster, and the next start sweeps what it left.
 */
export async function initialiseCluster(
  cluster: ClusterFolder,
  binaries: string,
  account: ServerAccount | undefined,
  options: { readonly durable: boolean; readonly adminPassword: string },
): Promise<void> {
  await sweepUnfinished(cluster.home);
  if (existsSync(path.join(cluster.data, 'PG_VERSION'))) return;

  const unfinished = path.join(cluster.home, `${UNFINISHED}${process.pid}`);
  const passwordFile = path.join(unfinished, 'password');
  const data = path.join(unfinished, 'data');
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, options.adminPassword, { mode: 0o600 });
  if (account) for (const item of [unfinished, passwordFile]) await chown(item, account.uid, account.gid);

  await initdb(program(binaries, 'initdb'), account, unfinished, [
    `--pgdata=${data}`,
    '--username=countersign_admin',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Text sorts by code point on every machine, whatever locales it knows; letters still have their upper case.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(options.durable ? [] : ['--no-sync']),
  ]);
  await writeFile(path.join(data, 'pg_hba.conf'), HOST_RULES);
  await rename(data, cluster.data);
  await rm(unfinished, { recursive: true, force: true });
}

async function sweepUnfinished(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (LEFT_OVERS.test(name)) await rm(path.join(home, name), { recursive: true, force: true });
  }
}

function initdb(file: string, account: ServerAccount | undefined, cwd: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...spawnAs(account, cwd), stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said = `${said}${chunk}`.slice(-4_000);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`PostgreSQL could not make its data directory (initdb ended with ${code}):\n${said}`));
    });
  });
}
