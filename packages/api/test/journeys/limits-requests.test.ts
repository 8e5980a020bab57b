import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { codes, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';
import { asAdmin, testServer } from '../harness/test-server';

/*
 * Requests that are no honest requests. Whatever comes in, what goes out is JSON with a stable code, a request id and a
 * decision id.
 */
describe('Whatever comes in, the answer is a refusal in the usual form', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let watch: ErrorWatch;
  let analyst: string;
  const QUERY = JSON.stringify({ query: '{ accounts { totalCount } }' });

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    analyst = ledger.analyst.token;
    watch = new ErrorWatch(gateway);
  });
  afterAll(() => gateway.stop());

  async function send(
    method: string,
    address: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ): Promise<Answer> {
    const response = await fetch(`${gateway.url}${address}`, {
      method,
      headers: { authorization: `Bearer ${analyst}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : {} };
    watch.look(answer);
    return answer;
  }
  const JSON_TYPE = { 'content-type': 'application/json' };
  const PREFLIGHTED = { 'apollo-require-preflight': '1' };

  describe('bodies', () => {
    test.each<[string, Record<string, string>, string | Buffer, number, string]>([
      ['half of JSON', JSON_TYPE, '{"query": "{ acc', 400, 'BAD_REQUEST'],
      ['nothing', JSON_TYPE, '', 400, 'BAD_REQUEST'],
      ['null', JSON_TYPE, 'null', 400, 'BAD_REQUEST'],
      ['a text', JSON_TYPE, '"{ accounts { totalCount } }"', 400, 'BAD_REQUEST'],
      ['a number', JSON_TYPE, '1', 400, 'BAD_REQUEST'],
      ['an empty object', JSON_TYPE, '{}', 400, 'BAD_REQUEST'],
      ['a batch', JSON_TYPE, `[${QUERY},${QUERY}]`, 400, 'BAD_REQUEST'],
      ['a batch of one', JSON_TYPE, `[${QUERY}]`, 400, 'BAD_REQUEST'],
      ['an empty batch', JSON_TYPE, '[]', 400, 'BAD_REQUEST'],
      ['a query that is no text', JSON_TYPE, '{"query": 5}', 400, 'BAD_REQUEST'],
      ['a query that is null', JSON_TYPE, '{"query": null}', 400, 'BAD_REQUEST'],
      ['an empty query', JSON_TYPE, '{"query": ""}', 400, 'BAD_REQUEST'],
      ['variables that are a text', JSON_TYPE, '{"query": "{ __typename }", "variables": "{}"}', 400, 'BAD_REQUEST'],
      ['variables that are a list', JSON_TYPE, '{"query": "{ __typename }", "variables": []}', 400, 'BAD_REQUEST'],
      [
        'an operation name that is a number',
        JSON_TYPE,
        '{"query": "{ __typename }", "operationName": 1}',
        400,
        'BAD_REQUEST',
      ],
      ['extensions that are a text', JSON_TYPE, '{"query": "{ __typename }", "extensions": "x"}', 400, 'BAD_REQUEST'],
      [
        'two operations and no name',
        JSON_TYPE,
        '{"query": "query A { __typename } query B { __typename }"}',
        400,
        'BAD_REQUEST',
      ],
      [
        'two operations and the name of a third',
        JSON_TYPE,
        '{"query": "query A { __typename } query B { __typename }", "operationName": "C"}',
        400,
        'BAD_REQUEST',
      ],
      [
        'a document without an operation',
        JSON_TYPE,
        '{"query": "fragment F on Query { __typename }"}',
        400,
        'BAD_REQUEST',
      ],
      ['a document of type definitions', JSON_TYPE, '{"query": "type Query { a: Int }"}', 400, 'BAD_REQUEST'],
      ['another character set', { 'content-type': 'application/json; charset=utf-16' }, QUERY, 400, 'BAD_REQUEST'],
      ['an encoding that is unknown', { ...JSON_TYPE, 'content-encoding': 'zip' }, QUERY, 400, 'BAD_REQUEST'],
      ['gzip that is none', { ...JSON_TYPE, 'content-encoding': 'gzip' }, QUERY, 400, 'BAD_REQUEST'],
      ['random bytes', JSON_TYPE, randomBytes(2_000), 400, 'BAD_REQUEST'],
      ['10 megabytes', JSON_TYPE, `{"query": "{ __typename }", "x": "${'x'.repeat(10_000_000)}"}`, 413, 'TOO_LARGE'],
      ['a megabyte and a byte', JSON_TYPE, Buffer.alloc(1_048_577, ' '), 413, 'TOO_LARGE'],
      [
        '10 megabytes packed into a few',
        { ...JSON_TYPE, 'content-encoding': 'gzip' },
        gzipSync(Buffer.alloc(10_000_000, ' ')),
        413,
        'TOO_LARGE',
      ],
      [
        '33 levels',
        JSON_TYPE,
        `{"query": "{ __typename }", "variables": {"a": ${'['.repeat(31)}${']'.repeat(31)}}}`,
        413,
        'TOO_LARGE',
      ],
      [
        '100,000 levels',
        JSON_TYPE,
        `{"query": "{ __typename }", "variables": {"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
        413,
        'TOO_LARGE',
      ],
      [
        '10,001 objects',
        JSON_TYPE,
        `{"query": "{ __typename }", "variables": {"a": [${Array(9_999).fill('{}').join()}]}}`,
        413,
        'TOO_LARGE',
      ],
      [
        '50,001 values',
        JSON_TYPE,
        `{"query": "{ __typename }", "variables": {"a": [${Array(49_999).fill('1').join()}]}}`,
        413,
        'TOO_LARGE',
      ],
    ])('%s', async (_name, headers, body, status, code) => {
      const answer = await send('POST', '/graphql', headers, body);
      expect([answer.status, codes(answer)]).toEqual([status, [code]]);
      expect(answer.body).not.toHaveProperty('data');
    });

    test('keys that mean something to JavaScript mean nothing here', async () => {
      const query = 'query ($w: AccountWhere) { accounts(where: $w) { totalCount } }';
      for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        const body = `{"query": ${JSON.stringify(query)}, "${key}": {"query": "x"}, "variables": {"${key}": {"name": {}}}}`;
        expect((await send('POST', '/graphql', JSON_TYPE, body)).body).toEqual({
          data: { accounts: { totalCount: 12 } },
        });
        const where = `{"query": ${JSON.stringify(query)}, "variables": {"w": {"${key}": {"name": {"eq": "x"}}}}}`;
        expect(codes(await send('POST', '/graphql', JSON_TYPE, where))).toEqual(['BAD_USER_INPUT']);
      }
      const objects =
        '{ viewer { a: can(object: "__proto__", action: READ) { allowed } b: can(object: "constructor", action: READ) { allowed } c: fields(object: "toString") { name } } }';
      const { body } = await gateway.ask(analyst, objects);
      expect(body.data.viewer).toEqual({ a: { allowed: false }, b: { allowed: false }, c: [] });
    });
  });

  test('an error repeats a little of what was sent, not all of it', async () => {
    const query =
      'query ($a: Int, $b: AccountStatus) { accounts(first: $a, where: { status: { eq: $b } }) { totalCount } }';
    const long = 'x'.repeat(400_000);
    // Taking suggestions out of this by a pattern would take hours.
    const echo = ' Did you mean '.repeat(30_000);
    for (const body of [
      { query, variables: { a: long, b: long } },
      { query, variables: { a: echo, b: echo } },
      { query: `{ accounts { nodes { ${long} } } }` },
      { query: `{ accounts(where: { name: { eq: "a" }, status: { eq: "${echo}" } }) { totalCount } }` },
      { query: `{ ${long} ` },
      { query: `query ($a: ${long}) { __typename }` },
    ]) {
      const answer = await gateway.post(analyst, JSON.stringify(body));
      expect(answer.status).toBe(400);
      for (const { message } of answer.body.errors!) expect(message.length).toBeLessThan(600);
    }
  });

  describe('methods, content types and what a browser can be made to send', () => {
    test.each<[string, string, string, Record<string, string>, string | undefined, number]>([
      [
        'a form',
        'POST',
        '/graphql',
        { 'content-type': 'application/x-www-form-urlencoded' },
        'query=%7B__typename%7D',
        400,
      ],
      ['plain text', 'POST', '/graphql', { 'content-type': 'text/plain' }, QUERY, 400],
      ['a form with a file', 'POST', '/graphql', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 400],
      ['a GraphQL document', 'POST', '/graphql', { 'content-type': 'application/graphql' }, '{ __typename }', 400],
      ['XML', 'POST', '/graphql', { 'content-type': 'application/xml' }, '<a/>', 400],
      ['GET as a link would send it', 'GET', '/graphql?query=%7B__typename%7D', {}, undefined, 400],
      ['GET without a query', 'GET', '/graphql', PREFLIGHTED, undefined, 400],
      ['GET with two queries', 'GET', '/graphql?query=%7Ba%7D&query=%7Bb%7D', PREFLIGHTED, undefined, 400],
      [
        'GET with half of variables',
        'GET',
        '/graphql?query=%7B__typename%7D&variables=%7B',
        PREFLIGHTED,
        undefined,
        400,
      ],
      [
        'a mutation by GET',
        'GET',
        `/graphql?query=${encodeURIComponent('mutation { signIn(input: { email: "a", password: "b" }) { accessToken } }')}`,
        PREFLIGHTED,
        undefined,
        405,
      ],
      ['PUT', 'PUT', '/graphql', JSON_TYPE, QUERY, 405],
      ['DELETE', 'DELETE', '/graphql', {}, undefined, 400],
      ['PATCH', 'PATCH', '/graphql', JSON_TYPE, QUERY, 405],
      ['an answer that nobody can read', 'POST', '/graphql', { ...JSON_TYPE, accept: 'text/html' }, QUERY, 406],
    ])('%s is refused', async (_name, method, address, headers, body, status) => {
      const answer = await send(method, address, headers, body);
      expect([answer.status, codes(answer)]).toEqual([status, ['BAD_REQUEST']]);
    });

    test('a query by GET runs when a browser would have asked first, and is kept nowhere', async () => {
      const address = `/graphql?query=${encodeURIComponent('query ($n: Int) { accounts(first: $n) { totalCount } }')}&variables=${encodeURIComponent('{"n":1}')}`;
      const answer = await send('GET', address, PREFLIGHTED);
      expect(answer.body).toEqual({ data: { accounts: { totalCount: 12 } } });
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    test('documents cannot be left here for others to run', async () => {
      const sha256Hash = 'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38';
      const persistedQuery = (version: number) => ({ persistedQuery: { version, sha256Hash } });
      for (const body of [
        { extensions: persistedQuery(1) },
        { query: '{__typename}', extensions: persistedQuery(1) },
        { extensions: persistedQuery(1) },
        { extensions: persistedQuery(2) },
        { query: '{accounts{totalCount}}', extensions: persistedQuery(1) },
      ]) {
        expect(codes(await gateway.post(analyst, JSON.stringify(body)))).toEqual(['DOCUMENT_NOT_ALLOWED']);
      }
    });

    test('addresses that are none', async () => {
      for (const address of [
        '/nothing',
        '/%',
        '/graphql.php',
        '/.env',
        '/schema.graphql/x',
        '/..%2f..%2fetc%2fpasswd',
      ]) {
        const answer = await send('GET', address, {});
        expect([address, answer.status, codes(answer)]).toEqual([address, 404, ['NOT_FOUND']]);
      }
    });

    test('bytes that are no HTTP leave the gateway standing', async () => {
      const { hostname, port } = new URL(gateway.url);
      for (const bytes of [
        '\u0000\u0001\r\n\r\n',
        'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
        `GET / HTTP/1.1\r\n${'X-A: b\r\n'.repeat(5_000)}`,
      ]) {
        await new Promise<void>((resolve) => {
          const socket = connect(Number(port), hostname, () => socket.end(bytes));
          socket.on('data', (data) => expect(data.toString()).not.toMatch(/node|express|Error:/i));
          socket.on('error', () => undefined);
          socket.on('close', () => resolve());
        });
      }
      expect((await gateway.ask(analyst, '{ accounts { totalCount } }')).body.data.accounts.totalCount).toBe(12);
    });
  });

  test('every answer is kept nowhere and is read as what it says it is', async () => {
    for (const [method, address] of [
      ['POST', '/graphql'],
      ['GET', '/schema.graphql'],
      ['GET', '/nothing'],
    ] as const) {
      const response = await fetch(`${gateway.url}${address}`, {
        method,
        headers: JSON_TYPE,
        ...(method === 'POST' ? { body: QUERY } : {}),
      });
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('x-powered-by')).toBeNull();
      await response.text();
    }
  });

  test('the request id in the answer is the one in its header', async () => {
    const query = (text: string, token: string | null = analyst) => gateway.ask(token, text);
    for (const answer of [
      await query('{ nonsense }'),
      await query('{'),
      await query('{ contracts { totalCount } }'),
      await query('{ viewer { name } }', 'not a token'),
    ]) {
      expect(answer.headers.get('x-request-id')).toBe(answer.body.errors![0]!.extensions.requestId);
    }
  });

  describe('when the database cannot be reached', () => {
    let other: TestGateway;
    beforeAll(async () => {
      other = await startTestGateway();
    });
    afterAll(() => other.stop());

    test('nothing is decided, everything says so, and all is well again without a hand', async () => {
      const admin = (await testServer()).adminUrl;
      const name = new URL(other.database.adminUrl).pathname.slice(1);
      const { token } = await other.person({ name: 'Pat Ient', audience: 'STAFF' });
      expect((await other.ask(token, '{ viewer { name } }')).body.data.viewer.name).toBe('Pat Ient');

      await asAdmin(admin, [
        `alter database ${name} allow_connections false`,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      ]);
      const later = await other.core.tokens.issue(
        { subject: '01900000-0000-7000-8000-000000000000', expiresInSeconds: 60 },
        new Date(),
      );
      for (const [who, query] of [
        [token, '{ viewer { name } }'],
        [token, '{ accounts { totalCount } }'],
        [token, '{ __schema { queryType { name } } }'],
        [token, '{ nonsense }'],
        [token, 'mutation { deleteAccount(id: "x", expectedVersion: 1) { userErrors { code } } }'],
        [null, 'mutation { signIn(input: { email: "a", password: "b" }) { accessToken } }'],
        [later.token, '{ viewer { name } }'],
      ] as const) {
        const answer = await other.ask(who, query);
        watch.look(answer);
        expect([query, codes(answer)]).toEqual([query, [expect.stringMatching(/POLICY_UNAVAILABLE|FORBIDDEN/)]]);
        expect(Object.values(answer.body.data ?? {}).filter((value) => value !== null)).toEqual([]);
      }
      const ready = await other.get('/readyz', null);
      expect([ready.status, (await other.get('/livez', null)).status]).toEqual([503, 200]);

      await asAdmin(admin, [`alter database ${name} allow_connections true`]);
      expect((await other.ask(token, '{ viewer { name } }')).body.data.viewer.name).toBe('Pat Ient');
      expect((await other.get('/readyz', null)).status).toBe(200);
    });
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
    expect(watch.size).toBeGreaterThan(25);
  });
});
