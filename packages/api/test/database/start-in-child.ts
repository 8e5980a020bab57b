import { startEmbeddedPostgres } from '../../src/database/embedded/start-embedded-postgres';

// Run as a process of its own by the launcher's tests: starts or joins a server, says so, and then waits to be killed
// or told to let go.
const [dataDir, copiesIn] = process.argv.slice(2) as [string, string];

startEmbeddedPostgres({ dataDir, copiesIn, durable: false }).then(
  (server) => {
    process.send?.({ attached: server.attached, gatewayUrl: server.gatewayUrl });
    process.once('message', async () => {
      await server.stop();
      process.exit(0);
    });
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
