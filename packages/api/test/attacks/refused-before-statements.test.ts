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
  const query = Client.prototype.query;

  beforeAll(async () => {
    gateway = await startTestGateway({ settings: { AUDIT_CHECKPOINT_SECONDS: '250', CONTINUOUS_CHECK_MS: '0' } });
    ({ token } = (await sampleLedger(gateway)).analyst);
    // Who asks is known from now on.
    await gateway.ask(token, '{ viewer { name } }');
    Client.prototype.query = function (this: Client, ...args: unknown[]) {
      const [first] = args as [string | { text?: string }];
      const text = typeof first === 'string' ? first : (first?.text ?? '');
      // What watches and counts on its own does so whatever is asked.
      if (!/operation_event|audit_(unsealed|root|leaf|head)|expires_at<=\$1/.test(text)) statements.push(text);
      return Reflect.apply(query, this, args);
    } as typeof query;
  });
  afterAll(async () => {
    Client.prototype.query = query;
    await gateway?.stop();
  });

  test('the count itself sees the statement of an honest request', async () => {
    statements.length = 0;
    await gateway.ask(token, '{ accounts { totalCount } }');
    expect(statements).not.toEqual([]);
  });

  test.each(Object.entries(HOSTILE))('%s', async (_name, hostile) => {
    statements.length = 0;
    const codes = await send(gateway.url, token, hostile);
    expect(codes.join()).toMatch(hostile.code);
    expect(statements).toEqual([]);
  });
});
