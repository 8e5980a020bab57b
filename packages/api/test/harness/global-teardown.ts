import { stopEmbeddedPostgres } from '../../src/database/embedded/start-embedded-postgres';
import { removeTestFolder, serverFolder, testFolder } from './test-folder';
import { dropRunFromOwnServer } from './test-server';

/** Stops the run's server and removes everything the run made, whether its tests passed or not. */
export default async function globalTeardown(): Promise<void> {
  const folder = testFolder();
  await dropRunFromOwnServer();
  await stopEmbeddedPostgres(serverFolder(folder));
  removeTestFolder(folder);
}
