import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Settings } from './settings';

/** How long requests may go on once the gateway is told to stop. */
const LONGEST_GOODBYE_MS = 30_000;
const LOOK_MS = 100;

/** The address that the gateway listens on, whoever answers there at the moment. */
export class Listener {
  private answer: RequestListener;
  private readonly running = new Set<ServerResponse>();
  private stopping = false;

  private constructor(
    private readonly server: Server,
    private readonly host: string,
    first: RequestListener,
  ) {
    this.answer = first;
  }

  /** Rejects when the address cannot be had. */
  static async open({ host, port }: Pick<Settings, 'host' | 'port'>, log: Logger, first: RequestListener) {
    const server = createServer();
    const listener = new Listener(server, host, first);
    server.on('request', (request, response) => {
      listener.running.add(response);
      response.on('close', () => listener.running.delete(response));
      if (listener.stopping) response.setHeader('connection', 'close');
      listener.answer(request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // Without a listener a connection that cannot be accepted would end the process.
    server.on('error', (error) => log.warn({ err: error }, 'a connection could not be accepted'));
    return listener;
  }

  /** `http://127.0.0.1:4000`. */
  get url(): string {
    const address = this.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : '';
    return `http://${this.host.includes(':') ? `[${this.host}]` : this.host}:${port}`;
  }

  /** From now on others answer. Requests that run are finished by who began them. */
  handOver(answer: RequestListener): void {
    this.answer = answer;
  }

  /**
   * Takes no new connection, lets running requests end, and tells whoever keeps a connection open that it is over: left to
   * themselves, clients that go on asking would keep the gateway up for ever.
   */
  async close(): Promise<void> {
    this.stopping = true;
    for (const response of this.running) if (!response.headersSent) response.setHeader('connection', 'close');
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    const idle = setInterval(() => this.server.closeIdleConnections(), LOOK_MS);
    const late = setTimeout(() => this.server.closeAllConnections(), LONGEST_GOODBYE_MS);
    this.server.closeIdleConnections();
    await closed;
    clearInterval(idle);
    clearTimeout(late);
  }
}
