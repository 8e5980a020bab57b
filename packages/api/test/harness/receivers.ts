import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  /** Headers and text, as they came. */
  readonly source: string;
}

/** A mail server on loopback that keeps what it is sent. */
export class MailReceiver {
  readonly mails: ReceivedMail[] = [];
  /** What the next deliveries are answered; a mail is taken when nothing is left. */
  readonly answers: number[] = [];
  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      let source = '';
      stream.on('data', (chunk: Buffer) => {
        source += chunk.toString('utf8');
      });
      stream.on('end', () => {
        const responseCode = this.answers.shift();
        const to = session.envelope.rcptTo.map(({ address }) => address);
        if (responseCode) return done(Object.assign(new Error(`no room for ${to}`), { responseCode }));
        this.mails.push({ to, source });
        done();
      });
    },
  });

  async open(): Promise<string> {
    const server = this.server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server on loopback that keeps what is posted to it. */
export class CallReceiver {
  readonly calls: ReceivedCall[] = [];
  /** What the next calls are answered, 0 for not at all; 204 when nothing is left. */
  readonly answers: number[] = [];
  private readonly server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    this.calls.push({ headers: request.headers, body });
    const status = this.answers.shift() ?? 204;
    if (status !== 0) response.writeHead(status, { location: '/elsewhere', connection: 'close' }).end();
  });

  async open(): Promise<string> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Waits until something holds. Throws with `said` when it does not for too long. */
export async function eventually(holds: () => boolean | Promise<boolean>, said: () => unknown, forMs = 20_000) {
  for (const deadline = Date.now() + forMs; Date.now() < deadline; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It did not come about: ${JSON.stringify(said())}`);
}
