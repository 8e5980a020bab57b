import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { chmod, cp, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ServerAccount, spawnAs } from './server-account';

interface PackedLink {
  readonly source: string;
  readonly target: string;
}

const EXE = process.platform === 'win32' ? '.exe' : '';

/** The full name of one of the packed programs. */
export function program(binaries: string, name: 'initdb' | 'postgres'): string {
  return path.join(binaries, 'bin', `${name}${EXE}`);
}

/**
 * Makes the packed PostgreSQL runnable and gives the folder that holds its bin, lib and share.
 *
 * npm cannot pack symbolic links, so they are made here. Where the package may not be written to, or the account that
 * runs the server cannot read it (a checkout under /root), a copy in `copyTo` is used; it takes 60 MB.
 */
export async function prepareBinaries(
  postgresPackage: string,
  copyTo: string,
  account: ServerAccount | undefined,
): Promise<string> {
  if (completeLinks(postgresPackage) && runs(path.join(postgresPackage, 'native'), account)) {
    return path.join(postgresPackage, 'native');
  }
  const copy = path.join(copyTo, `postgres-${packageVersion(postgresPackage)}`);
  if (!existsSync(copy)) {
    // Under another name first: a copy that was interrupted must never look whole.
    const unfinished = await mkdtemp(path.join(copyTo, 'copying-'));
    // Verbatim: by default the links of a copy lead back to what was copied.
    const options = { recursive: true, verbatimSymlinks: true };
    await cp(path.join(postgresPackage, 'native'), path.join(unfinished, 'native'), options);
    completeLinks(unfinished);
    await letEveryoneRead(unfinished);
    await rename(unfinished, copy).catch(async (error: NodeJS.ErrnoException) => {
      // Another server's start finished the same copy first: theirs is as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      await rm(unfinished, { recursive: true });
    });
  }
  const native = path.join(copy, 'native');
  if (runs(native, account)) return native;
  throw new Error(`The PostgreSQL in ${native} does not run here: ${versionCheck(native, account).stderr}`);
}

/** A tight umask would keep the server's account out of the copy; there is nothing secret in it. */
async function letEveryoneRead(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) await letEveryoneRead(inside);
    else if (entry.isFile()) await chmod(inside, (await stat(inside)).mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Makes the links that are missing. False when one could not be made. */
function completeLinks(folder: string): boolean {
  const links = JSON.parse(readFileSync(path.join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as PackedLink[];
  try {
    for (const { source, target } of links) {
      const from = path.join(folder, target);
      if (!exists(from)) symlinkSync(path.relative(path.dirname(from), path.join(folder, source)), from);
    }
    for (const name of ['initdb', 'postgres'] as const) makeExecutable(program(path.join(folder, 'native'), name));
    return true;
  } catch (error) {
    // Another process may have made the same link in between.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return completeLinks(folder);
    return false;
  }
}

function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Some package stores lose the executable bit. */
function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}

function versionCheck(native: string, account: ServerAccount | undefined): { ok: boolean; stderr: string } {
  const options = spawnAs(account, path.parse(native).root);
  const result = spawnSync(program(native, 'postgres'), ['--version'], { ...options, encoding: 'utf8' });
  return { ok: result.status === 0, stderr: result.error?.message ?? result.stderr };
}

function runs(native: string, account: ServerAccount | undefined): boolean {
  return versionCheck(native, account).ok;
}

function packageVersion(postgresPackage: string): string {
  const manifest = JSON.parse(readFileSync(path.join(postgresPackage, 'package.json'), 'utf8'));
  return String(manifest.version);
}
