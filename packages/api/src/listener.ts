import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Settings } from './settings';

/** How long requests may go on once the gateway is told to stop. */
const LONGEST_GOODBYE_MS = 30_000;
const LOOK_MS = 100;
/** How long somebody who was answered already may go on sending what is not read any more. */
const LINGER_MS = 2_000;
/** Requests that wait on one connection: clients that pipeline send few, and nothing else holds one back. */
const MOST_UNANSWERED = 16;

export type ListenerSettings = Pick<Settings, 'host' | 'port' | 'clientTimeoutMs' | 'maxConnections'>;

/** The address that the gateway listens on, whoever answers there at the moment. */
export class Listener {
  private answer: RequestListener;
  private readonly running = new Set<ServerResponse>();
  private readonly unanswered = new WeakMap<Socket, number>();
  /** Connections that were given their turn of the event loop already. */
  private readonly served = new WeakSet<Socket>();
  private stopping = false;

  private constructor(
    private readonly server: Server,
    private readonly settings: ListenerSettings,
    first: RequestListener,
  ) {
    this.answer = first;
  }

  /** Rejects when the address cannot be had. */
  static async open(settings: ListenerSettings, log: Logger, first: RequestListener): Promise<Listener> {
    const { host, port, clientTimeoutMs: timeout } = settings;
    // Whoever drips a request holds a connection and its memory, and Node's own patience is five minutes.
    const server = createServer({
      headersTimeout: timeout,
      requestTimeout: timeout,
      connectionsCheckingInterval: Math.min(1_000, timeout),
    });
    server.maxConnections = settings.maxConnections;
    const listener = new Listener(server, settings, first);
    server.on('request', (request, response) => {
      if (!listener.admit(request.socket, response)) return;
      listener.running.add(response);
      response.on('close', () => listener.running.delete(response));
      if (listener.stopping) response.setHeader('connection', 'close');
      listener.inTurn(request.socket, () => listener.answer(request, response));
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
    const { host } = this.settings;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** From now on others answer. Requests that run are finished by who began them. */
  handOver(answer: RequestListener): void {
    this.answer = answer;
  }

  /**
   * One request of a connection in a turn of the event loop. Pipelined requests that need no database would follow one
   * another without anybody else coming in between.
   */
  private inTurn(socket: Socket, answer: () => void): void {
    if (this.served.has(socket)) {
      setImmediate(() => this.inTurn(socket, answer));
      return;
    }
    this.served.add(socket);
    setImmediate(() => this.served.delete(socket));
    answer();
  }

  /** Sees to it that nobody keeps an answer, or a connection, for ever. False when the connection was ended. */
  private admit(socket: Socket, response: ServerResponse): boolean {
    const unanswered = (this.unanswered.get(socket) ?? 0) + 1;
    this.unanswered.set(socket, unanswered);
    response.on('close', () => this.unanswered.set(socket, this.unanswered.get(socket)! - 1));
    if (unanswered > MOST_UNANSWERED) {
      socket.destroy();
      return false;
    }
    // From here on it is the client's turn: an answer that nobody takes is dropped. Every byte taken starts anew.
    response.on('prefinish', () => socket.setTimeout(this.settings.clientTimeoutMs));
    response.on('finish', () => {
      // The next answer on this connection may take its time again.
      if (this.unanswered.get(socket)! > 1) socket.setTimeout(0);
      if (response.req.complete) return;
      // Ended at once, the client would find a broken connection instead of the answer.
      const late = setTimeout(() => !response.req.complete && socket.destroy(), LINGER_MS).unref();
      socket.once('close', () => clearTimeout(late));
    });
    return true;
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
