import { chmodSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { testFolder } from './test-folder';

/** A new folder inside the run's own, which goes with the run; a server in it is stopped then. */
export function makeFolder(name: string): string {
  const folder = mkdtempSync(path.join(testFolder(), `${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}
