import { RootSecretFileError } from '@countersign/crypto';
import { serve } from './compose';
import { DatabaseUnfit } from './database/database-unfit';
import { openWhenReachable } from './open-when-reachable';
import { readSettings, type Settings, SettingsInvalid } from './settings';
import { welcome } from './welcome';

/** Starts the gateway, says where it is, and stops everything in order on Ctrl-C and SIGTERM. */
async function main(): Promise<void> {
  const settings = readSettings();
  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  const stopped = new AbortController();
  const stop = (): void => {
    // A wrapper may send the signal a second time.
    if (stopped.signal.aborted) return;
    stopped.abort();
    // A signal during the start waits for what is being opened, so that nothing is left running.
    starting
      .catch(() => undefined)
      .then(closeAll)
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const starting = start(settings, opened, stopped.signal);
  try {
    await starting;
  } catch (error) {
    if (stopped.signal.aborted) return;
    await closeAll();
    throw error;
  }
}

async function start(settings: Settings, opened: { close(): Promise<void> }[], stopped: AbortSignal): Promise<void> {
  const { core, listener } = await openWhenReachable(settings, stopped);
  opened.push(core);
  if (listener) opened.push(listener);
  const people = await core.prepareDemo();
  const gateway = await serve(core, listener);
  // The gateway closes the address itself.
  if (listener) opened.pop();
  opened.push(gateway);
  process.stdout.write(welcome(gateway.url, settings, people));
}

/** What the machine refuses, in words for whoever set the program up. */
const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'The address is in use already: set PORT to another number, or stop what listens there',
  EADDRNOTAVAIL: 'HOST is not an address of this machine',
  EACCES: 'The system does not allow it: look at PORT, and at who may write to DATA_DIR',
  EPERM: 'The system does not allow it: look at who may write to DATA_DIR',
  EROFS: 'DATA_DIR cannot be written to',
  ENOSPC: 'DATA_DIR has no space left',
  ENOTDIR: 'DATA_DIR is not a folder',
};

function explain(error: NodeJS.ErrnoException): unknown {
  const isKnown = [SettingsInvalid, DatabaseUnfit, RootSecretFileError].some((kind) => error instanceof kind);
  if (isKnown) return error.message;
  const said = REFUSALS[error.code ?? ''];
  return said === undefined ? error : `${said}${error.path === undefined ? '' : ` (${error.path})`}.`;
}

main().catch((error: NodeJS.ErrnoException) => {
  console.error(explain(error));
  process.exit(1);
});
