import pino from 'pino';
import { type Core, openCore } from '../compose';
import { createLog } from '../log';
import { readSettings } from '../settings';
import type { CommandLine } from './command-line';

/**
 * Runs a command on the same ground as the gateway: its database (the embedded one is joined, or started for as long as
 * the command takes), its keys, its current policy. Everything is closed again, also when somebody presses Ctrl-C.
 */
export async function withCore<T>({ env }: CommandLine, work: (core: Core) => Promise<T>): Promise<T> {
  const settings = readSettings(env, 'command');
  // Results go to standard output, and nothing else.
  const log = createLog(settings.logLevel === 'info' ? 'warn' : settings.logLevel, pino.destination(2));
  const core = await openCore(settings, { log });
  const stop = () => void core.close().finally(() => process.exit(130));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await work(core);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await core.close();
  }
}
