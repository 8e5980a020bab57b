import path from 'node:path';
import { Worker } from 'node:worker_threads';

const WORKER = path.resolve(__dirname, '../../src/capabilities/permissions/continuous-check/oracle-worker.ts');

/** As `startOracle` of the product, for sources that Node alone cannot load. */
export function startOracleFromSource(): Worker {
  return new Worker(WORKER, { env: {}, execArgv: ['--require', path.join(__dirname, 'run-from-source.cjs')] });
}
