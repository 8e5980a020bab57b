import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The operating system's account that the server runs under. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account to run PostgreSQL under, or undefined for the account we run under ourselves. PostgreSQL refuses to run
 * as root, so root lends it `postgres`, or `nobody` where there is none.
 *
 * Throws when we are root and the system knows neither.
 */
export function serverAccount(): ServerAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid && gid) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL refuses to run as root, and this system has neither a postgres nor a nobody account');
}

/** Whether that account gets into a directory: every parent counts, not only the last step. */
export function canEnter(account: ServerAccount | undefined, directory: string): boolean {
  if (!account) return true;
  const { uid, gid } = account;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { uid, gid, cwd: '/' }).status === 0;
}

/** What to hand to spawn so that a program runs as that account, with nothing of our environment. */
export function spawnAs(account: ServerAccount | undefined, cwd: string) {
  // Windows programs do not start without the system's own variables.
  const env = process.platform === 'win32' ? {} : { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
  return { cwd, ...env, ...(account ? { uid: account.uid, gid: account.gid } : {}) };
}
