import { getIntrospectionQuery } from 'graphql';
import { codes, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

describe('A document that is too much is refused before it costs anything', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let analyst: string;
  let watch: ErrorWatch;
  let hasty: TestGateway | undefined;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    analyst = ledger.analyst.token;
    watch = new ErrorWatch(gateway);
  });
  afterAll(async () => {
    await hasty?.stop();
    await gateway.stop();
  });

  const COST: [string, string][] = [
    ['1,000 aliases', `{ ${many(1_000, (i) => `a${i}: __typename`)} }`],
    [
      '101 aliases in fragments',
      `{ ...A ...B } fragment A on Query { ${many(51, (i) => `a${i}: __typename`)} } fragment B on Query { ${many(50, (i) => `b${i}: __typename`)} }`,
    ],
    [
      'aliases in a fragment that nothing uses',
      `{ __typename } fragment A on Query { ${many(101, (i) => `a${i}: __typename`)} }`,
    ],
    [
      'aliases in an operation that does not run',
      `query Run { __typename } query Not { ${many(101, (i) => `a${i}: __typename`)} }`,
    ],
    ['16 levels', `{ accounts { nodes { ${'children { nodes { '.repeat(7)} id ${'} } '.repeat(7)} } } }`],
    [
      'levels hidden in fragments',
      `{ accounts { nodes { ...F0 } } } ${many(8, (i) => `fragment F${i} on Account { children { nodes { ...F${i + 1} } } }`)} fragment F8 on Account { id }`,
    ],
    ['2,001 fields', `{ invoices { nodes { ${'id '.repeat(2_001)} } } }`],
    [
      'fragments that double themselves',
      `{ invoices { nodes { ...F0 } } } ${many(40, (i) => `fragment F${i} on Invoice { ...F${i + 1} ...F${i + 1} }`)} fragment F40 on Invoice { id }`,
    ],
    [
      'many operations of many fields',
      `${many(20, (i) => `query Q${i} { ...F }`)} fragment F on Query { ${'__typename '.repeat(500)} }`,
    ],
    ['a filter of 33 levels', `{ accounts(where: ${'{ not: '.repeat(33)}{}${' }'.repeat(33)}) { totalCount } }`],
    ['a list in lists', `{ accounts(where: { and: ${'['.repeat(40)}${']'.repeat(40)} }) { totalCount } }`],
    [
      'a default of 33 levels',
      `query ($w: AccountWhere = ${'{ not: '.repeat(33)}{}${' }'.repeat(33)}) { accounts(where: $w) { totalCount } }`,
    ],
    ['a type of many lists', `query ($v: ${'['.repeat(60)}Int${']'.repeat(60)}) { __typename }`],
    ['a deep value in a directive', `{ __typename @skip(if: ${'['.repeat(40)}true${']'.repeat(40)}) }`],
    [
      'two sign-ins',
      'mutation { a: signIn(input: { email: "a", password: "b" }) { accessToken } b: signIn(input: { email: "a", password: "c" }) { accessToken } }',
    ],
    [
      'two sign-ins in fragments',
      'mutation { ...A ...B } fragment A on Mutation { a: signIn(input: { email: "a", password: "b" }) { accessToken } } fragment B on Mutation { ... { b: signIn(input: { email: "a", password: "c" }) { accessToken } } }',
    ],
    ['the schema twice', '{ a: __schema { types { name } } b: __schema { types { name } } }'],
    ['the schema many times over', `{ __schema { ${many(50, (i) => `t${i}: types { fields { name } }`)} } }`],
    [
      'the schema, in a fragment, many times over',
      `{ __schema { ...F } } fragment F on __Schema { x: types { name } }`,
    ],
    ['21 types by name', `{ ${many(21, (i) => `t${i}: __type(name: "Account") { name }`)} }`],
    [
      'pages in pages in pages',
      '{ accounts(first: 100) { nodes { invoices(first: 100) { nodes { lines(first: 100) { nodes { id } } } } } } }',
    ],
  ];

  test.each(COST)('%s', async (_name, query) => {
    const answer = await gateway.ask(
      analyst,
      query,
      {},
      query.includes('query Run')
        ? { operationName: 'Run' }
        : { operationName: query.includes('query Q0') ? 'Q0' : undefined },
    );
    expect(codes(answer)).toEqual(['COST_LIMIT']);
    expect(answer.body.data ?? { accounts: null }).toEqual({ accounts: null });
  });

  test.each([
    ['a cycle', '{ accounts { nodes { ...A } } } fragment A on Account { children { nodes { ...A } } }'],
    [
      'a cycle of three',
      '{ accounts { nodes { ...A } } } fragment A on Account { ...B } fragment B on Account { ...C } fragment C on Account { ...A }',
    ],
    ['a cycle that nothing uses', '{ __typename } fragment A on Account { ...B } fragment B on Account { ...A }'],
    [
      'a cycle in an operation that does not run',
      'query Run { __typename } query Not { accounts { nodes { ...A } } } fragment A on Account { ...A }',
    ],
    [
      'introspection into itself',
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
    ],
    ['introspection beside data', '{ __schema { queryType { name } } accounts { totalCount } }'],
    [
      'introspection beside data, in a fragment',
      '{ ...A accounts { totalCount } } fragment A on Query { ... { x: __type(name: "Account") { name } } }',
    ],
    ['a subscription', 'subscription { anything }'],
    [
      'fields of one key that cannot be merged',
      '{ accounts(first: 1) { totalCount } accounts(first: 2) { totalCount } }',
    ],
    ['a directive of somebody else', '{ accounts { nodes { id @stream } } }'],
  ])('%s is not a document here', async (_name, query) => {
    const answer = await gateway.ask(analyst, query, {}, query.includes('query Run') ? { operationName: 'Run' } : {});
    expect(answer.status).toBe(400);
    expect(new Set(codes(answer))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
    expect(answer.body).not.toHaveProperty('data');
  });

  test.each([
    ['10,001 tokens', `{ ${'__typename '.repeat(10_001)} }`],
    [
      'lists so deep that the parser gives up',
      `{ accounts(where: { and: ${'['.repeat(4_900)}${']'.repeat(4_900)} }) { totalCount } }`,
    ],
    ['fields so deep that the parser gives up', `${'{ a '.repeat(4_900)}${'}'.repeat(4_900)}`],
    ['half of a document', '{ accounts {'],
    ['nothing but a comment', '# nothing'],
    ['a lone surrogate in an escape', '{ accounts(where: { name: { eq: "\\uD800" } }) { totalCount } }'],
    ['a character that is none', '{ accounts \u0000 }'],
  ])('%s does not parse', async (_name, query) => {
    const answer = await gateway.ask(analyst, query);
    expect(answer.status).toBe(400);
    expect(['GRAPHQL_PARSE_FAILED', 'COST_LIMIT']).toEqual(expect.arrayContaining(codes(answer)));
  });

  test('what is within the limits runs: the last allowed of each', async () => {
    const allowed: [string, unknown][] = [
      [`{ ${many(100, (i) => `a${i}: __typename`)} }`, {}],
      [`{ accounts(first: 1) { nodes { ${'children(first: 1) { nodes { '.repeat(6)} id ${'} } '.repeat(6)} } } }`, {}],
      ['{ ...A } fragment A on Query { ...B } fragment B on Query { __typename }', {}],
      [
        'query ($w: AccountWhere) { accounts(where: $w) { totalCount } }',
        { w: JSON.parse(`${'{"not":'.repeat(19)}{}${'}'.repeat(19)}`) },
      ],
      [
        getIntrospectionQuery({
          inputValueDeprecation: true,
          specifiedByUrl: true,
          oneOf: true,
          schemaDescription: true,
        }),
        {},
      ],
    ];
    for (const [query, variables] of allowed) {
      const answer = await gateway.ask(analyst, query, variables);
      expect(answer.body.errors).toBeUndefined();
      expect(answer.status).toBe(200);
    }
  });

  test('what was told of a schema is told again, to the same class and about the same variables only', async () => {
    const query =
      'query ($n: String!, $all: Boolean) { __type(name: $n) { name fields(includeDeprecated: $all) { name } } }';
    const namesOf = async (token: string, n: string) => {
      const { body } = await gateway.ask(token, query, { n, all: true });
      return body.data.__type && [body.data.__type.name, body.data.__type.fields.length];
    };
    for (let round = 0; round < 2; round += 1) {
      const [analystSees, portalSees] = [
        await namesOf(analyst, 'Account'),
        await namesOf(ledger.portal.token, 'Account'),
      ];
      expect(analystSees[1]).toBeGreaterThan(portalSees[1]);
      expect(await namesOf(ledger.portal.token, 'Contact')).toBeNull();
      expect((await namesOf(analyst, 'Contact'))[0]).toBe('Contact');
    }
  });

  test('the cost of all root fields is counted together', async () => {
    const root = (i: number) =>
      `a${i}: accounts(first: 100) { nodes { invoices(first: 100) { nodes { id number total } } } }`;
    const three = await gateway.ask(analyst, `{ ${many(3, root)} }`);
    expect(three.body.errors).toBeUndefined();
    for (let round = 0; round < 2; round += 1) {
      const four = await gateway.ask(analyst, `{ ${many(4, root)} }`);
      expect(four.body.data).toEqual({ ...three.body.data, a3: null });
      expect(four.body.errors).toMatchObject([{ path: ['a3'], extensions: { code: 'COST_LIMIT' } }]);
    }
  });

  test('a sign-in that stands in a fragment counts once', async () => {
    const { email, password } = ledger.analyst;
    const query = 'mutation ($i: SignInInput!) { ...F } fragment F on Mutation { signIn(input: $i) { accessToken } }';
    const { body } = await gateway.ask(null, query, { i: { email, password } });
    expect(body.data.signIn.accessToken).toEqual(expect.any(String));
  });

  describe('filters', () => {
    const query = 'query ($w: AccountWhere) { accounts(where: $w) { totalCount nodes { id } } }';
    const total = async (w: unknown) => {
      const answer = await gateway.ask(analyst, query, { w });
      return answer.body.errors ? codes(answer).join() : answer.body.data.accounts.totalCount;
    };

    test('without a part hold for all records or for none, as logic has it', async () => {
      for (const [where, expected] of [
        [{}, 12],
        [{ and: [] }, 12],
        [{ and: [{}] }, 12],
        [{ or: [] }, 0],
        [{ or: [{}] }, 12],
        [{ not: {} }, 0],
        [{ not: { or: [] } }, 12],
        // A comparison whose variable was left out must not let everything through.
        [{ name: {} }, 'BAD_USER_INPUT'],
        [{ name: { in: [] } }, 0],
        [{ not: { name: { in: [] } } }, 12],
        [{ children: {} }, 'BAD_USER_INPUT'],
        [{ invoices: { some: { or: [] } } }, 0],
        [{ invoices: { none: { or: [] } } }, 12],
      ] as const) {
        expect([where, await total(where)]).toEqual([where, expected]);
      }
    });

    test('may list a thousand values and not one more', async () => {
      const values = (count: number) => Array.from({ length: count }, (_, i) => `Account ${i}`);
      expect(await total({ name: { in: values(1_000) } })).toBe(2);
      expect(await total({ name: { in: values(1_001) } })).toBe('BAD_USER_INPUT');
      expect(await total({ name: { in: values(20_000) } })).toBe('BAD_USER_INPUT');
      const literal = `{ accounts(where: { name: { in: [${values(1_001).map((name) => `"${name}"`)}] } }) { totalCount } }`;
      expect(codes(await gateway.ask(analyst, literal))).toEqual(['BAD_USER_INPUT']);
    });

    test('have at most 200 parts and 20 levels', async () => {
      const wide = (count: number) => ({ or: Array.from({ length: count }, () => ({})) });
      expect(await total(wide(199))).toBe(12);
      expect(await total(wide(200))).toBe('BAD_USER_INPUT');
      expect(await total(JSON.parse(`${'{"not":'.repeat(20)}{}${'}'.repeat(20)}`))).toBe('BAD_USER_INPUT');
      expect(await total(JSON.parse(`${'{"parent":'.repeat(20)}{}${'}'.repeat(20)}`))).toBe('BAD_USER_INPUT');
    });

    test('over figures have at most 200 parts too', async () => {
      const having = (count: number) => ({ or: Array.from({ length: count }, () => ({})) });
      const aggregate = (h: unknown) =>
        gateway.ask(
          analyst,
          'query ($h: AccountAggregateHaving) { accountsAggregate(having: $h) { groups { count } } }',
          { h },
        );
      expect((await aggregate(having(199))).body).toEqual({ data: { accountsAggregate: { groups: [{ count: 12 }] } } });
      expect(codes(await aggregate(having(200)))).toEqual(['BAD_USER_INPUT']);
      expect(codes(await aggregate({ and: [having(100), having(100)] }))).toEqual(['BAD_USER_INPUT']);
    });

    test('of many places of one operation are counted together', async () => {
      const where = { or: Array.from({ length: 66 }, (_, i) => ({ number: { eq: `N-${i}` } })) };
      const each = many(90, (i) => `a${i}: invoices(where: $w) { totalCount nodes { id } }`);
      const answer = await gateway.ask(
        analyst,
        `query ($w: InvoiceWhere) { accounts(first: 1) { nodes { ${each} } } }`,
        { w: where },
      );
      expect(codes(answer)).toEqual(['COST_LIMIT']);
    });

    test('with null where a value belongs are refused, however it got there', async () => {
      for (const [text, variables] of [
        ['query ($v: String = "x") { accounts(where: { name: { in: [$v] } }) { totalCount } }', { v: null }],
        [
          'query ($v: String = "x") { accounts { nodes { invoices(where: { number: { in: ["a", $v] } }) { totalCount } } } }',
          { v: null },
        ],
        ['query ($v: AccountWhere = {}) { accounts(where: { and: [$v] }) { totalCount } }', { v: null }],
        [
          'query ($v: AccountWhere = {}) { accounts { nodes { children(where: { or: [$v] }) { totalCount } } } }',
          { v: null },
        ],
        ['query ($v: ID = "x") { account(id: $v) { id } }', { v: null }],
        ['query ($v: SortDirection = ASC) { accounts(orderBy: [{ name: $v }]) { totalCount } }', { v: null }],
        [
          'query ($v: SortDirection = ASC) { accounts { nodes { invoices(orderBy: [{ number: $v }]) { totalCount } } } }',
          { v: null },
        ],
        ['query ($v: SortDirection) { accounts { nodes { invoices(orderBy: [{ number: $v }]) { totalCount } } } }', {}],
        ['query ($v: Boolean = true) { __typename @skip(if: $v) }', { v: null }],
      ] as const) {
        const answer = await gateway.ask(analyst, text, variables);
        expect([text, [...new Set(codes(answer))]]).toEqual([
          text,
          [expect.stringMatching(/BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED/)],
        ]);
      }
    });
  });

  describe('pages', () => {
    test.each([
      ['{ accounts(first: -1) { totalCount } }', {}],
      ['query ($n: Int) { accounts(first: $n) { totalCount } }', { n: -1 }],
      ['query ($n: Int) { accounts(first: $n) { totalCount } }', { n: 101 }],
      ['query ($n: Int) { accounts(last: $n) { nodes { id } } }', { n: 101 }],
      ['query ($n: Int) { accounts(first: $n, last: 1) { nodes { id } } }', { n: 1 }],
      ['{ accounts(first: 1, last: 1) { totalCount } }', {}],
      ['query ($c: String) { accounts(after: $c) { totalCount } }', { c: 'x' }],
      ['query ($c: String) { accounts(before: $c, last: 7) { totalCount __typename } }', { c: '' }],
      ['query ($n: Int) { accounts(first: 1) { nodes { invoices(first: $n) { totalCount } } } }', { n: 1_000 }],
    ])('%s %j', async (query, variables) => {
      // Also when an honest request of the same shape came first.
      await gateway.ask(analyst, query, { n: 7 });
      expect(codes(await gateway.ask(analyst, query, variables))).toEqual(['BAD_USER_INPUT']);
    });
  });

  test('what takes the database too long is ended, and says so', async () => {
    hasty = await startTestGateway({
      database: gateway.database,
      root: gateway,
      settings: { STATEMENT_TIMEOUT_MS: '300' },
    });
    const holder = gateway.sql('begin; lock table invoice in access exclusive mode; select pg_sleep(1.5); commit');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const answer = await hasty.ask(analyst, '{ invoices { totalCount } accounts { totalCount } }');
    await holder;
    expect(answer.body.data).toEqual({ invoices: null, accounts: { totalCount: 12 } });
    expect(answer.body.errors).toMatchObject([{ path: ['invoices'], extensions: { code: 'COST_LIMIT' } }]);
    watch.look(answer);
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
    expect(watch.size).toBeGreaterThan(20);
  });
});
