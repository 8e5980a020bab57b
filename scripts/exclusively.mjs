import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 10 * 60_000;

/** Runs `work` while no other process of this checkout does: two installations at once would undo each other. */
export async function exclusively(lockFile, work) {
  mkdirSync(path.dirname(lockFile), { recursive: true });
  const claim = `${lockFile}.${process.pid}`;
  writeFileSync(claim, String(process.pid));
  try {
    await acquire(claim, lockFile);
  } finally {
    rmSync(claim, { force: true });
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function acquire(claim, lockFile) {
  let told = false;
  for (const deadline = Date.now() + WAIT_MS; ; await sleep(50)) {
    // link() is atomic and brings the content along: a lock always says whose it is.
    if (succeeds(() => linkSync(claim, lockFile))) return;
    const holder = read(lockFile);
    if (holder === undefined) continue;
    if (!alive(Number(holder))) {
      takeOver(claim, lockFile, holder);
      continue;
    }
    if (Date.now() > deadline) throw new Error(`Process ${holder} has been building for too long. See ${lockFile}.`);
    if (!told) console.error(`Waiting for process ${holder}, which is installing or building …`);
    told = true;
  }
}

/** Moves the lock of a dead process away, unless somebody else did so in between and holds it now. */
function takeOver(claim, lockFile, dead) {
  const aside = `${claim}.dead`;
  if (!succeeds(() => renameSync(lockFile, aside))) return;
  if (read(aside) !== dead) succeeds(() => linkSync(aside, lockFile));
  rmSync(aside, { force: true });
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function succeeds(action) {
  try {
    action();
    return true;
  } catch (error) {
    if (error.code === 'EEXIST' || error.code === 'ENOENT') return false;
    throw error;
  }
}
