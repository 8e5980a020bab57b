import { blank, codes, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Support sees the accounts of EMEA, without tax ids, and e-mail addresses of contacts only masked. The portal sees the
 * invoices of its own account that are no drafts.
 */
describe('An aggregate tells nothing that a list would not', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let watch: ErrorWatch;
  let support: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    watch = new ErrorWatch(gateway);
    support = ledger.support.token;
  });
  afterAll(() => gateway.stop());

  const HIDDEN_POSITIONS: [string, string, string][] = [
    ['as a key', '(groupBy: [{ taxId: true }])', 'key { taxId } count'],
    ['as a key that is not selected', '(groupBy: [{ taxId: true }])', 'count'],
    ['as a second key', '(groupBy: [{ region: true }, { taxId: true }])', 'count'],
    ['in countDistinct', '', 'countDistinct { taxId }'],
    ['in min', '', 'min { taxId }'],
    ['in max', '', 'max { taxId }'],
    ['behind an alias and a fragment', '', '... { a: max { b: taxId } }'],
    ['in having', '(having: { max: { taxId: { gt: "D" } } })', 'count'],
    ['in having, under not', '(having: { not: { countDistinct: { taxId: { gt: 1 } } } })', 'count'],
    ['in having, in an or', '(having: { or: [{ count: { gt: 0 } }, { min: { taxId: { isNull: true } } }] })', 'count'],
    ['in orderBy', '(groupBy: [{ region: true }], orderBy: [{ max: { taxId: ASC } }])', 'count'],
    ['in orderBy of distinct values', '(orderBy: [{ countDistinct: { taxId: DESC } }])', 'count'],
    ['in where', '(where: { taxId: { startsWith: "DE" } })', 'count'],
  ];

  test.each(HIDDEN_POSITIONS)('a field that is not seen refuses the root field %s', async (_name, args, selection) => {
    const answer = await gateway.ask(support, `{ accountsAggregate${args} { groups { ${selection} } } }`);
    expect(answer.body.data).toEqual({ accountsAggregate: null });
    expect(answer.body.errors).toMatchObject([
      { path: ['accountsAggregate'], extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Account.taxId' } },
    ]);
    const admin = await gateway.ask(ledger.admin.token, `{ accountsAggregate${args} { groups { ${selection} } } }`);
    expect(admin.body.errors).toBeUndefined();
  });

  test.each(HIDDEN_POSITIONS)('and the root field above a nested aggregate %s', async (_name, args, selection) => {
    const query = `{ accounts { nodes { name childrenAggregate${args} { groups { ${selection} } } } } }`;
    const { body } = await gateway.ask(support, query);
    expect(body.data).toEqual({ accounts: null });
    expect(body.errors).toMatchObject([{ extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Account.taxId' } }]);
  });

  test.each([
    ['as a key', '(groupBy: [{ email: true }])', 'count'],
    ['in countDistinct', '', 'countDistinct { email }'],
    ['in min', '', 'min { email }'],
    ['in having', '(having: { max: { email: { startsWith: "c" } } })', 'count'],
  ])('a field that is seen masked only is refused %s', async (_name, args, selection) => {
    const answer = await gateway.ask(support, `{ contactsAggregate${args} { groups { ${selection} } } }`);
    expect(answer.body.data).toEqual({ contactsAggregate: null });
    expect(answer.body.errors).toMatchObject([
      { extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Contact.email' } },
    ]);
  });

  test.each([
    ['as a key', '(groupBy: [{ account: { taxId: true } }])'],
    ['in orderBy', '(groupBy: [{ account: { taxId: true } }], orderBy: [{ key: { account: { taxId: DESC } } }])'],
    ['in where', '(where: { account: { taxId: { isNull: true } } })'],
  ])('a field of a parent that is not seen is refused %s', async (_name, args) => {
    const { body } = await gateway.ask(support, `{ invoicesAggregate${args} { groups { count } } }`);
    expect(body.data).toEqual({ invoicesAggregate: null });
    expect(body.errors).toMatchObject([{ extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Account.taxId' } }]);
  });

  test('a relation that is not clear takes its aggregate with it: null, one error, the rest stays', async () => {
    await gateway.install(
      gateway.roleRecords('narrow', [
        { object: 'Account', field: 'name', action: 'SEE_CLEAR' },
        { object: 'Invoice', field: 'status', action: 'SEE_CLEAR' },
      ]),
    );
    const { token } = await gateway.person({ name: 'Nar Row', audience: 'STAFF', roles: ['narrow'] });
    const query = '{ accounts { nodes { name invoicesAggregate { groups { count } } } } }';
    const { body } = await gateway.ask(token, query);
    expect(body.data.accounts.nodes).toHaveLength(12);
    expect(body.data.accounts.nodes[3]).toEqual({ name: 'Account 03', invoicesAggregate: null });
    expect(body.errors).toMatchObject([
      {
        path: ['accounts', 'nodes'],
        extensions: {
          code: 'FIELD_FORBIDDEN',
          coordinate: 'Account.invoices',
          selection: 'accounts.nodes.invoicesAggregate',
        },
      },
    ]);
    const grouped = await gateway.ask(
      token,
      '{ invoicesAggregate(groupBy: [{ account: { id: true } }]) { groups { count } } }',
    );
    expect(grouped.body.errors).toMatchObject([{ extensions: { coordinate: 'Invoice.account' } }]);
    const unread = await gateway.ask(token, '{ contactsAggregate { groups { count } } }');
    expect(codes(unread)).toEqual(['FORBIDDEN']);
  });

  test('hidden records are in no count, no sum, no group, and their absence is the absence of records', async () => {
    const ask = async (token: string, args: string, selection: string) => {
      const { body } = await gateway.ask(token, `{ invoicesAggregate${args} { groups { ${selection} } } }`);
      expect(body.errors).toBeUndefined();
      return body.data.invoicesAggregate.groups;
    };
    const list = async (token: string) =>
      (await gateway.ask(token, '{ invoices(first: 100) { nodes { number total account { id } } } }')).body.data
        .invoices.nodes as { number: string; total: string; account: { id: string } }[];
    for (const [token, count] of [
      [support, 12],
      [ledger.analyst.token, 48],
      [ledger.portal.token, 3],
    ] as const) {
      const seen = await list(token);
      expect(seen).toHaveLength(count);
      const total = seen.reduce((sum, row) => sum + Number(row.total), 0).toFixed(2);
      const accounts = new Set(seen.map((row) => row.account.id));
      expect(await ask(token, '', 'count sum { total } countDistinct { account }')).toEqual([
        { count, sum: { total }, countDistinct: { account: accounts.size } },
      ]);
      const keys = await ask(token, '(groupBy: [{ account: { id: true } }])', 'key { account { id } }');
      expect(new Set(keys.map(({ key }: { key: { account: { id: string } } }) => key.account.id))).toEqual(accounts);
    }
    expect(await ask(support, '(where: { number: { eq: "N-1-0" } })', 'count')).toEqual([{ count: 0 }]);
    expect(await ask(support, '(where: { number: { eq: "none" } })', 'count')).toEqual([{ count: 0 }]);
  });

  test('a hidden parent is a parent that is not there: as a key, and among distinct values', async () => {
    await gateway.install([
      { verb: 'create', object: 'SharingGroup', as: 'nobodies', input: { name: 'No people', access: 'READ' } },
      {
        verb: 'create',
        object: 'SharingCondition',
        input: { groupId: '@nobodies', objectName: 'Person', condition: { fullName: { startsWith: 'Nobody' } } },
      },
      { verb: 'create', object: 'SharingMember', input: { groupId: '@nobodies', userId: ledger.support.userId } },
      ...gateway.roleRecords('people', [{ object: 'Person', field: 'fullName', action: 'SEE_CLEAR' }]),
    ]);
    const ids = await gateway.roleIds();
    await gateway.install([
      {
        verb: 'create',
        object: 'RoleAssignment',
        input: { roleId: ids.get('people')!, userId: ledger.support.userId },
      },
    ]);
    const query = `{ accountsAggregate(groupBy: [{ owner: { fullName: true } }, { owner: { id: true } }]) {
      groups { key { owner { id fullName } } count countDistinct { owner } } } }`;
    const hidden = await gateway.ask(support, query);
    expect(hidden.body.errors).toBeUndefined();
    expect(hidden.body.data.accountsAggregate.groups).toEqual([
      { key: { owner: { id: null, fullName: null } }, count: 3, countDistinct: { owner: 0 } },
    ]);
    const seen = await gateway.ask(ledger.admin.token, query);
    expect(seen.body.data.accountsAggregate.groups).toMatchObject([
      { key: { owner: { fullName: 'Olive Wner' } }, count: 12, countDistinct: { owner: 1 } },
    ]);
  });

  test('to a portal, what it may not aggregate does not exist', async () => {
    const { token } = ledger.portal;
    for (const [hidden, invented] of [
      [
        'invoicesAggregate(groupBy: [{ notes: true }]) { groups { count } }',
        'invoicesAggregate(groupBy: [{ qqqqq: true }]) { groups { count } }',
      ],
      ['invoicesAggregate { groups { max { notes } } }', 'invoicesAggregate { groups { max { qqqqq } } }'],
      [
        'invoicesAggregate(having: { max: { notes: { eq: "" } } }) { groups { count } }',
        'invoicesAggregate(having: { max: { qqqqq: { eq: "" } } }) { groups { count } }',
      ],
      [
        'invoicesAggregate(orderBy: [{ max: { notes: ASC } }]) { groups { count } }',
        'invoicesAggregate(orderBy: [{ max: { qqqqq: ASC } }]) { groups { count } }',
      ],
      ['contactsAggregate { groups { count } }', 'qqqqqqqqAggregate { groups { count } }'],
      [
        'accounts { nodes { contactsAggregate { groups { count } } } }',
        'accounts { nodes { qqqqqqqqAggregate { groups { count } } } }',
      ],
    ] as const) {
      const [real, unreal] = [await gateway.ask(token, `{ ${hidden} }`), await gateway.ask(token, `{ ${invented} }`)];
      expect(codes(real)).toEqual(codes(unreal));
      expect(codes(real)[0]).toBe('GRAPHQL_VALIDATION_FAILED');
      const name = /q+/.exec(invented)![0];
      const same = (text: string) =>
        blank(text)
          .replaceAll(name, '#')
          .replaceAll(/\b(notes|contacts(?=Aggregate))/g, '#');
      expect(same(real.text)).toBe(same(unreal.text));
    }
    const { text } = await gateway.get('/schema.graphql', token);
    expect(text).toMatch(/^type InvoiceAggregateKey \{/m);
    expect(text).not.toMatch(/ContactAggregate|notes|taxId/);
  });

  test('cardholder data take part in no aggregate, for anybody', async () => {
    const { text } = await gateway.get('/schema.graphql', ledger.admin.token);
    const types = text.match(/^(type|input) PaymentMethodAggregate\w* [^}]*\}/gm)!;
    expect(types.length).toBeGreaterThan(5);
    expect(types.join('\n')).not.toMatch(/last4|cardholder|holder/i);
  });

  test('a plan that was made for one shape of variables never answers another', async () => {
    await gateway.sql(`update account set status = 'SUSPENDED', created_at = '2020-01-01' where name = 'Account 08'`);
    await gateway.sql(`update account set segment = 'MID_MARKET', created_at = '2020-02-02' where name = 'Account 00'`);
    const query = `query ($g: [AccountAggregateGroupBy!], $h: AccountAggregateHaving, $o: [AccountAggregateOrderBy!]) {
      accountsAggregate(groupBy: $g, having: $h, orderBy: $o) { groups { count min { name } max { name } } } }`;
    const shapes: Record<string, unknown>[] = [
      {},
      { g: [{ region: true }] },
      { g: [{ taxId: true }] },
      { g: [{ status: true }] },
      { g: [{ segment: true }] },
      { g: [{ segment: true }, { status: true }] },
      { g: [{ createdAt: { by: 'DAY' } }] },
      { g: [{ createdAt: { by: 'YEAR' } }] },
      { g: [{ createdAt: { by: 'YEAR', timeZone: 'Nowhere/Else' } }] },
      { g: [{ parent: { id: true } }] },
      { g: [{ parent: { taxId: true } }] },
      { g: [{ region: false }] },
      { h: { count: { gt: 1 } } },
      { h: { count: { gt: 3 } } },
      { h: { count: { lt: 3 } } },
      { h: { max: { name: { eq: 'Account 08' } } } },
      { h: { max: { taxId: { eq: 'DE123456788' } } } },
      { h: { not: { count: { gt: 1 } } } },
      { g: [{ name: true }], o: [{ max: { taxId: 'ASC' } }] },
      { g: [{ name: true }], o: [{ max: { name: 'ASC' } }] },
      { g: [{ segment: true }], o: [{ count: 'ASC' }] },
      { g: [{ segment: true }], o: [{ count: 'DESC' }] },
      { g: [{ segment: true }], o: [{ key: { segment: 'DESC' } }] },
    ];
    const ask = async (mark: string, variables: unknown) => {
      const { status, text } = await gateway.ask(support, `# ${mark}\n${query}`, variables);
      return `${status} ${blank(text)}`;
    };
    const alone = [];
    for (const [i, shape] of shapes.entries()) alone.push(await ask(`alone ${i}`, shape));
    expect(new Set(alone).size).toBeGreaterThan(10);
    expect(alone.filter((text) => text.includes('FIELD_FORBIDDEN'))).toHaveLength(4);
    expect(alone.filter((text) => text.includes('BAD_USER_INPUT'))).toHaveLength(2);
    for (const [i, first] of shapes.entries()) {
      await ask(`after ${i}`, first);
      const second = await Promise.all(shapes.map((shape) => ask(`after ${i}`, shape)));
      expect(second).toEqual(alone);
    }
  });

  test.each([
    ['groupBy naming a field twice', '(groupBy: [{ status: true }, { status: true }])', 'count'],
    ['groupBy with false', '(groupBy: [{ status: false }])', 'count'],
    ['a key that is not grouped by', '(groupBy: [{ status: true }])', 'key { currency }'],
    ['a key without groups', '', 'key { status }'],
    ['an order by a key that is not grouped by', '(orderBy: [{ key: { status: ASC } }])', 'count'],
    ['an order naming a value twice', '(orderBy: [{ count: ASC }, { count: DESC }])', 'count'],
    ['a page above the limit', '(groupBy: [{ number: true }], first: 101)', 'count'],
    ['a page below zero', '(groupBy: [{ number: true }], first: -1)', 'count'],
    ['an abbreviation for a zone', '(groupBy: [{ createdAt: { by: DAY, timeZone: "CEST" } }])', 'count'],
    ['a zone that PostgreSQL would make up', '(groupBy: [{ createdAt: { by: DAY, timeZone: "FOO+3" } }])', 'count'],
    ['an offset for a zone', '(groupBy: [{ createdAt: { by: DAY, timeZone: "+02:00" } }])', 'count'],
    ['SQL for a zone', `(groupBy: [{ createdAt: { by: DAY, timeZone: "UTC' or '1" } }])`, 'count'],
    ['a null to compare with', '(having: { count: { gt: null } })', 'count'],
    ['a figure compared with nothing', '(having: { count: {} })', 'count'],
    ['figures of which none is compared', '(having: { not: { sum: {} } })', 'count'],
    ['a value that is out of range', '(having: { sum: { total: { gt: "1.234" } } })', 'count'],
  ])('%s is bad input', async (_name, args, selection) => {
    const answer = await gateway.ask(support, `{ invoicesAggregate${args} { groups { ${selection} } } }`);
    expect(answer.body.data ?? { invoicesAggregate: null }).toEqual({ invoicesAggregate: null });
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
  });

  test('groups that multiply beyond the cost limit are refused before any SQL', async () => {
    const figures =
      '{ count a: sum { total tax subtotal } b: sum { total tax subtotal } min { total tax number } max { total } }';
    const query = `{ accounts(first: 100) { nodes { invoicesAggregate(groupBy: [{ number: true }]) { groups ${figures} } } } }`;
    expect(codes(await gateway.ask(ledger.analyst.token, query))).toEqual(['COST_LIMIT']);
    const single = query.replace('(groupBy: [{ number: true }])', '');
    expect(codes(await gateway.ask(ledger.analyst.token, single))).toEqual([]);
    const few = query.replace('(groupBy: [{ number: true }])', '(groupBy: [{ number: true }], first: 10)');
    expect(codes(await gateway.ask(ledger.analyst.token, few))).toEqual([]);
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.size).toBeGreaterThan(10);
    expect(watch.problems()).toEqual([]);
  });
});
