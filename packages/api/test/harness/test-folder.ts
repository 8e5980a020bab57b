import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isRunning } from '../../src/database/embedded/process-state';

const PREFIX = 'countersign-test-';
const VARIABLE = 'COUNTERSIGN_TEST_FOLDER';

/** Makes the folder of this run; every worker finds it through its environment. */
export function makeTestFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  // The account that runs PostgreSQL has to pass through.
  chmodSync(folder, 0o711);
  process.env[VARIABLE] = folder;
  return folder;
}

/** The folder of this run. */
export function testFolder(): string {
  const folder = process.env[VARIABLE];
  if (!folder) throw new Error('There is no test folder: is the global set-up in jest.config.ts?');
  return folder;
}

/** The data directory of the run's server. */
export function serverFolder(folder: string): string {
  return path.join(folder, 'server');
}

/** Removes the folder of a run at once, server included; nothing in it is worth an orderly stop. */
export function removeTestFolder(folder: string): void {
  for (const data of dataDirectories(folder)) killServer(data);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Removes what runs that were killed left behind. */
export function sweepTestFolders(): void {
  for (const name of readdirSync(os.tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (pid > 0 && !isRunning(pid)) removeTestFolder(path.join(os.tmpdir(), name));
  }
}

function dataDirectories(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => path.join(folder, name, 'postgres', 'data'));
  } catch {
    return [];
  }
}

function killServer(data: string): void {
  try {
    const [pid, directory] = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    if (directory === data && command.includes('postgres')) process.kill(Number(pid), 'SIGQUIT');
  } catch {
    // No server ran there.
  }
}
