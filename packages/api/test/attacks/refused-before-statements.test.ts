import { AsyncLocalStorage } from 'node:async_hooks';
import { Server } from 'node:http';
import { Client } from 'pg';
import { sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

interface Hostile {
  readonly body?: string;
  readonly pieces?: readonly string[];
  readonly code: string | RegExp;
}
const { HOSTILE, send } = require('../harness/hostile-requests.cjs') as {
  HOSTILE: Record<string, Hostile>;
  send(url: string, token: string, hostile: Hostile): Promise<string[]>;
};

/* What is too much is refused for what it is: the database never hears of it. */
describe('What is too much is refused before any statement', () => {
  let gateway: TestGateway;
  let token: string;
  const statements: string[] = [];
  const { query } = Client.prototype;
  const { emit } = Server.prototype;
  /** What the gateway does on its own, whatever is asked, does not run within a request. */
  const withinRequest = new AsyncLocalStorage<true>();

  beforeAll(async () => {
    gateway = await startTestGateway();
    ({ token } = (await sampleLedger(gateway)).analyst);
    // Who asks is known from now on.
    await gateway.ask(token, '{ viewer { name } }');
    Server.prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]) {
      const run = () => Reflect.apply(emit, this, [event, ...args]) as boolean;
      return event === 'request' ? withinRequest.run(true, run) : run();
    };
    Client.prototype.query = function (this: Client, ...args: unknown[]) {
      const [first] = args as [string | { text?: string }];
      const text = typeof first === 'string' ? first : (first?.text ?? '');
      // The event of an operation is left afterwards, refused or not.
      if (withinRequest.getStore() && !text.includes('operation_event')) statements.push(text);
      return Reflect.apply(query, this, args);
    } as typeof query;
  });
  afterAll(async () => {
    Client.prototype.query = query;
    Server.prototype.emit = emit;
    await gateway?.stop();
  });

  test.each([
    ['at once', (body: string) => ({ body, code: '' })],
    ['in pieces', (body: string) => ({ pieces: [body.slice(0, 9), body.slice(9)], code: '' })],
  ])('the count itself sees the statements of an honest request that comes %s', async (_how, sent) => {
    statements.length = 0;
    await send(gateway.url, token, sent(JSON.stringify({ query: '{ accounts { totalCount } }' })));
    expect(statements.join()).toContain('account');
  });

  test.each(Object.entries(HOSTILE))('%s', async (_name, hostile) => {
    statements.length = 0;
    const codes = await send(gateway.url, token, hostile);
    expect(codes.join()).toMatch(hostile.code);
    expect(statements).toEqual([]);
  });
});
