import { openCore, serve } from './compose';
import { DatabaseUnfit } from './database/database-unfit';
import { readSettings, type Settings, SettingsInvalid } from './settings';
import { welcome } from './welcome';

/** Starts the gateway, says where it is, and stops everything in order on Ctrl-C and SIGTERM. */
async function main(): Promise<void> {
  const settings = readSettings();
  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  let stopping = false;
  const stop = (): void => {
    // A wrapper may send the signal a second time.
    if (stopping) return;
    stopping = true;
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
  const starting = start(settings, opened);
  try {
    await starting;
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(settings: Settings, opened: { close(): Promise<void> }[]): Promise<void> {
  const core = await openCore(settings);
  opened.push(core);
  const people = await core.prepareDemo();
  const gateway = await serve(core);
  opened.push(gateway);
  process.stdout.write(welcome(gateway.url, settings, people));
}

main().catch((error: NodeJS.ErrnoException) => {
  const { code } = error;
  if (error instanceof SettingsInvalid || error instanceof DatabaseUnfit) console.error(error.message);
  else if (code === 'EADDRINUSE')
    console.error('The address is in use already. Set PORT to another number, or stop what listens there.');
  else console.error(error);
  process.exit(1);
});
