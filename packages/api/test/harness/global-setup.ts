import { makeTestFolder, removeTestFolder, sweepTestFolders } from './test-folder';

/**
 * Makes the folder of this run. The server in it is started by the first test that asks for a database, so a run of
 * pure tests starts none.
 */
export default function globalSetup(): void {
  sweepTestFolders();
  const folder = makeTestFolder();
  // The tear-down does not run when the run itself is stopped by a signal.
  process.once('exit', () => removeTestFolder(folder));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
}
