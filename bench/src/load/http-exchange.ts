import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
/** A server that is silent for so long has lost the question. */
const SILENCE_MS = 60_000;

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * One keep-alive connection that asks one question at a time. It does the least that a client can: the load process
 * shares the machine with what it measures, so every microsecond here is taken from all servers alike.
 *
 * It reads answers that state their length; anything else throws.
 */
export class HttpExchange {
  private received: Buffer[] = [];
  private size = 0;
  /** Length of head and body together, once the head is there. */
  private expected = 0;
  private bodyStart = 0;
  private status = 0;
  private ended: Error | undefined;
  private settle: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setTimeout(SILENCE_MS, () => this.fail(new Error(`No answer within ${SILENCE_MS / 1000} seconds`)));
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('The server closed the connection')));
  }

  static open(port: number): Promise<HttpExchange> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new HttpExchange(socket)));
      socket.once('error', reject);
    });
  }

  ask(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      this.settle = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.settle = undefined;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received.push(chunk);
    this.size += chunk.length;
    if (this.expected === 0 && !this.readHead()) return;
    if (this.size < this.expected) return;
    const whole = this.received.length === 1 ? this.received[0]! : Buffer.concat(this.received, this.size);
    const body = whole.subarray(this.bodyStart, this.expected);
    this.received = [];
    this.size = 0;
    this.expected = 0;
    const settle = this.settle;
    this.settle = undefined;
    settle?.resolve({ status: this.status, body });
  }

  private readHead(): boolean {
    const whole = Buffer.concat(this.received, this.size);
    this.received = [whole];
    const end = whole.indexOf(HEAD_END);
    if (end < 0) return false;
    const head = whole.toString('latin1', 0, end);
    const length = /^content-length: *(\d+)/im.exec(head);
    if (!length) {
      this.fail(new Error(`The answer does not state its length:\n${head}`));
      return false;
    }
    this.status = Number(head.slice(9, 12));
    this.bodyStart = end + HEAD_END.length;
    this.expected = this.bodyStart + Number(length[1]);
    return true;
  }

  private fail(error: Error): void {
    this.ended ??= error;
    const settle = this.settle;
    this.settle = undefined;
    settle?.reject(error);
  }
}

/** The bytes of a GraphQL request over a kept connection. */
export function postRequest(port: number, body: string, headers: Readonly<Record<string, string>> = {}): Buffer {
  const lines = [
    'POST /graphql HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    'accept: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
