import { readSettings, type Settings } from '@countersign/api/dist/settings';
import type { ServerOrder } from './servers/serve';

/** The settings of the measured gateway: the defaults, on the benchmark's database, on any free port. */
export function gatewaySettings({ databaseUrl, dataDir, poolSize }: ServerOrder): Settings {
  return readSettings({
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    DATABASE_POOL_SIZE: String(poolSize),
    PORT: '0',
    LOG_LEVEL: 'warn',
  });
}
