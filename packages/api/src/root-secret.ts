import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type RootSecret, readOrCreateRootSecret, readRootSecret } from '@countersign/crypto';
import type { Pool } from 'pg';
import { DatabaseUnfit } from './database/database-unfit';
import { Fault } from './path/faults';
import type { Settings } from './settings';
import { readHead } from './snapshot/snapshot-store';

type Place = Pick<Settings, 'rootSecretFile' | 'dataDir'>;

/** Where the root of the gateway's own secrets is kept. */
export function rootSecretFile({ rootSecretFile: given, dataDir }: Place): string {
  return given ?? path.join(dataDir, 'root-secret');
}

/**
 * Opens the root of the gateway's own secrets. In DATA_DIR one is made, but only for a database that holds nothing yet:
 * under a new one nothing that an old one vouched for would count any more, and the old one might still be found. Throws
 * DatabaseUnfit and RootSecretFileError.
 */
export async function openRootSecret(settings: Place, pool: Pool): Promise<RootSecret> {
  const file = rootSecretFile(settings);
  if (settings.rootSecretFile) return readRootSecret(file);
  if (!existsSync(file) && (await readHead(pool)).policyVersion > 0) {
    throw new DatabaseUnfit(
      `The root secret ${file} is missing, and without it nothing in this database can be trusted. ` +
        'Put it back, or name it with ROOT_SECRET_FILE.',
    );
  }
  mkdirSync(settings.dataDir, { recursive: true });
  return readOrCreateRootSecret(file);
}

/** What a policy that cannot be used at the start means. Later on it closes the gateway instead of ending it. */
export function asRootProblem(error: unknown, settings: Place): unknown {
  if (!(error instanceof Fault) || error.code !== 'POLICY_UNAVAILABLE') return error;
  const { inside } = error.detail;
  return new DatabaseUnfit(
    `The policy in the database cannot be used under the root secret ${rootSecretFile(settings)}: ` +
      `it is another one than the database was made with, or somebody has changed the database` +
      `${typeof inside === 'string' ? ` (${inside})` : ''}.`,
  );
}
