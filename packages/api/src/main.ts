import { openCore, serve } from './compose';
import { DatabaseUnfit } from './database/database-unfit';
import { readSettings, SettingsInvalid } from './settings';
import { welcome } from './welcome';

/** Starts the gateway, says where it is, and stops everything in order on Ctrl-C and SIGTERM. */
async function main(): Promise<void> {
  const settings = readSettings();
  const core = await openCore(settings);
  let close = () => core.close();
  let stopping = false;
  const stop = (): void => {
    // A wrapper may send the signal a second time.
    if (stopping) return;
    stopping = true;
    close().then(
      () => process.exit(0),
      (error) => {
        core.log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const people = await core.prepareDemo();
    const gateway = await serve(core);
    close = () => gateway.close().finally(() => core.close());
    process.stdout.write(welcome(gateway.url, settings, people));
  } catch (error) {
    await core.close();
    throw error;
  }
}

main().catch((error: NodeJS.ErrnoException) => {
  const { code } = error;
  if (error instanceof SettingsInvalid || error instanceof DatabaseUnfit) console.error(error.message);
  else if (code === 'EADDRINUSE')
    console.error('The address is in use already. Set PORT to another number, or stop what listens there.');
  else console.error(error);
  process.exit(1);
});
