import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './process-state';

const REFRESH_MS = 5_000;
const ABANDONED_MS = 60_000;
const RETRY_MS = 25;

let attempts = 0;

/**
 * Runs `work` while no other process runs work under the same lock file.
 *
 * A lock whose holder is dead, or has not refreshed it for a minute (its number was given to another program), is taken
 * over. Throws when the lock is still held after `waitMs`.
 */
export async function exclusively<T>(lockFile: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  await acquire(lockFile, waitMs);
  const refresh = setInterval(() => void utimes(lockFile, new Date(), new Date()).catch(() => {}), REFRESH_MS);
  refresh.unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    await rm(lockFile, { force: true });
  }
}

async function acquire(lockFile: string, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  const claim = `${lockFile}.${process.pid}.${++attempts}`;
  await writeFile(claim, `${process.pid}\n`, { mode: 0o600 });
  try {
    // link() is atomic and brings the content along: nobody ever reads a lock that does not yet say whose it is.
    while (!(await linked(claim, lockFile))) {
      await removeAbandoned(lockFile, `${claim}.abandoned`);
      if (Date.now() > deadline) throw new Error(`${lockFile} is held by process ${await holder(lockFile)}`);
      await sleep(RETRY_MS);
    }
  } finally {
    await rm(claim, { force: true });
  }
}

async function linked(claim: string, lockFile: string): Promise<boolean> {
  try {
    await link(claim, lockFile);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeAbandoned(lockFile: string, aside: string): Promise<void> {
  try {
    const [pid, { mtimeMs }] = [await holder(lockFile), await stat(lockFile)];
    if (isRunning(pid) && Date.now() - mtimeMs < ABANDONED_MS) return;
    await rename(lockFile, aside);
    // Someone else may have taken the lock over between our look and our rename: then give it back.
    if ((await holder(aside)) !== pid) await linked(aside, lockFile);
    await rm(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function holder(lockFile: string): Promise<number> {
  return Number((await readFile(lockFile, 'utf8')).trim());
}
