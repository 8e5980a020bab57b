import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning } from './process-state';

let registrations = 0;

/** Notes that this process uses the server. Gives the name of the note. */
export async function registerUser(folder: string): Promise<string> {
  const name = `${process.pid}-${++registrations}`;
  await writeFile(path.join(folder, name), '', { mode: 0o600 });
  return name;
}

/** Takes the note back and tells whether nobody living uses the server any more. */
export async function unregisterUser(folder: string, name: string): Promise<{ last: boolean }> {
  await rm(path.join(folder, name), { force: true });
  const others = await readdir(folder);
  return { last: !others.some((other) => isRunning(Number.parseInt(other, 10))) };
}

/** Forgets every note. Right only where no server runs: then each is what a process that died left behind. */
export async function forgetUsers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(path.join(folder, name), { force: true });
}
