/** What a server process is told when it starts. */
export interface ServerOrder {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Database connections at most: the same for every server. */
  readonly poolSize: number;
}

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Runs one server in this process as its parent says: the first message is its order, it answers with its port, then with
 * its processor time whenever it is asked, and it stops when the parent lets go.
 */
export function serve(start: (order: ServerOrder) => Promise<RunningServer>): void {
  let running: Promise<RunningServer> | undefined;
  process.on('message', (message: ServerOrder | 'cpu') => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMs: (user + system) / 1000 });
      return;
    }
    running = start(message);
    running.then(
      ({ port }) => process.send?.({ port }),
      (error: Error) => process.send?.({ error: error.stack ?? String(error) }),
    );
  });
  process.on('disconnect', () => {
    const stopped = running?.then((server) => server.stop()) ?? Promise.resolve();
    stopped.catch(() => {}).finally(() => process.exit(0));
  });
  // The parent hears a signal as well and lets go of us in its own order.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
}
