import { blank, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Plans, statements, documents, users and tokens are remembered between requests. Whatever is remembered, each caller
 * gets the answer that they get when nobody else is there.
 */
describe('What is remembered for one request never answers another', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let watch: ErrorWatch;
  const callers: [string, string | null][] = [];

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    watch = new ErrorWatch(gateway);
    const { rows } = await gateway.core.database.pool.query<{ id: string }>(
      "select id from sharing_group where name = 'Own account'",
    );
    const neighbours = [];
    for (const index of [1, 2]) {
      const portal = { audience: 'PORTAL', roles: ['portal'], groups: [rows[0]!.id] } as const;
      const accountId = ledger.accountIds[index]!;
      neighbours.push(await gateway.person({ ...portal, name: `Neighbour ${index}`, accountId }));
    }
    const nobody = await gateway.person({ name: 'No Body', audience: 'STAFF' });
    const people = [
      ledger.analyst,
      ledger.secondAnalyst,
      ledger.support,
      ledger.admin,
      ledger.portal,
      ...neighbours,
      nobody,
    ];
    callers.push(...people.map(({ name, token }): [string, string] => [name, token]), ['anonymous', null]);
  });
  afterAll(() => gateway.stop());

  const DOCUMENTS: [string, unknown][] = [
    ['{ viewer { id name email roles { name } sharingGroups { name } } }', {}],
    ['{ accounts { totalCount nodes { id name } } }', {}],
    ['{ accounts { nodes { name invoices(first: 2) { totalCount nodes { number status total } } } } }', {}],
    ['{ accounts { nodes { name taxId creditLimit } } }', {}],
    ['{ contacts(first: 50) { nodes { email firstName account { name taxId } } } }', {}],
    ['{ invoices(orderBy: [{ number: DESC }], first: 5) { edges { node { number account { name } } } } }', {}],
    ['query ($w: InvoiceWhere) { invoices(where: $w) { totalCount } }', { w: { status: { eq: 'DRAFT' } } }],
    [
      'query ($w: InvoiceWhere) { invoices(where: $w) { totalCount } }',
      { w: { account: { name: { eq: 'Account 01' } } } },
    ],
    ['query ($w: AccountWhere) { accounts(where: $w) { totalCount } }', { w: { taxId: { startsWith: 'DE' } } }],
    ['{ __schema { queryType { fields { name } } } }', {}],
    ['{ __type(name: "Account") { fields { name } } }', {}],
    [
      '{ viewer { can(object: "Invoice", action: UPDATE) { allowed reason } fields(object: "Account") { name see } } }',
      {},
    ],
  ];

  test('two hundred requests of nine callers at once: each answer is the one that its caller gets alone', async () => {
    const asks = callers.flatMap(([name, token]) =>
      DOCUMENTS.map(([query, variables]) => ({ name, token, query, variables })),
    );
    const alone: string[] = [];
    for (const { token, query, variables } of asks)
      alone.push(blank((await gateway.ask(token, query, variables)).text));
    // They differ, so that an answer in the wrong place would be seen.
    expect(new Set(alone).size).toBeGreaterThan(45);

    const order = [...asks.keys(), ...asks.keys()];
    // A fixed shuffle: a failure can be run again.
    for (let i = order.length - 1, seed = 7; i > 0; i -= 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      const j = seed % (i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const together = await Promise.all(
      order.map(async (index) => {
        const { token, query, variables } = asks[index]!;
        return { index, text: blank((await gateway.ask(token, query, variables)).text) };
      }),
    );
    expect(together.length).toBeGreaterThan(200);
    for (const { index, text } of together)
      expect({ ...asks[index], text }).toEqual({ ...asks[index], text: alone[index] });
  });

  test('equal rights share a plan, and each still sees their own account only', async () => {
    const portals = callers.filter(([name]) => /Petra|Neighbour/.test(name));
    expect(portals).toHaveLength(3);
    const names = await Promise.all(
      portals.map(async ([, token]) => {
        const { body } = await gateway.ask(token, '{ accounts { nodes { name } } }');
        return body.data.accounts.nodes;
      }),
    );
    expect(names).toEqual([[{ name: 'Account 00' }], [{ name: 'Account 01' }], [{ name: 'Account 02' }]]);
  });

  describe('one document with every shape of variables, as seen by support', () => {
    const DOCUMENT = `query Shapes($where: AccountWhere, $orderBy: [AccountOrderBy!], $first: Int, $after: String, $text: String, $more: Boolean = true, $less: Boolean! = false) {
      accounts(where: $where, orderBy: $orderBy, first: $first, after: $after) {
        totalCount
        nodes { name segment @include(if: $more) region @skip(if: $less) contacts(where: { firstName: { startsWith: $text } }) { totalCount } }
        pageInfo { hasNextPage }
      }
    }`;
    const SHAPES: Record<string, unknown>[] = [
      {},
      { where: null, orderBy: null, first: null, after: null },
      { text: 'First0' },
      { text: null },
      { where: { name: { eq: 'Account 04' } } },
      { where: { name: { ne: 'Account 04' } } },
      { where: { name: { in: ['Account 04', 'Account 08'] } } },
      { where: { status: { eq: 'ACTIVE' } } },
      { where: { segment: { eq: 'ENTERPRISE' } } },
      { where: { taxId: { eq: 'DE123456780' } } },
      { where: { name: { eq: 'Account 04' }, not: { taxId: { isNull: true } } } },
      { where: { or: [{ name: { eq: 'Account 04' } }, { name: { eq: 'Account 08' } }] } },
      { where: { or: [{ name: { eq: 'Account 04' } }] } },
      { where: { and: [{ or: [] }] } },
      { where: { parent: { isNull: true } } },
      { where: { parent: { isNull: false } } },
      { orderBy: [{ name: 'DESC' }] },
      { orderBy: [{ name: 'ASC' }] },
      { orderBy: [{ taxId: 'ASC' }] },
      { orderBy: [{ region: 'ASC' }, { name: 'DESC' }] },
      { first: 1 },
      { first: 2 },
      { first: 10 },
      { first: 0 },
      { first: -1 },
      { first: 101 },
      { after: 'nonsense' },
      { more: false },
      { more: null },
      { less: true },
    ].map((shape) => ({ text: 'First', ...shape }));

    // A comment makes another document, for which nothing is remembered.
    const fresh = (mark: string) => `# ${mark}\n${DOCUMENT}`;
    const ask = async (query: string, variables: unknown) => {
      const { status, text } = await gateway.ask(ledger.support.token, query, variables);
      // The comment moves the document down a line, everywhere alike.
      return `${status} ${blank(text)}`;
    };

    test(`${SHAPES.length * SHAPES.length} ordered pairs: an answer after another shape is the answer without it`, async () => {
      const cold: string[] = [];
      for (const [i, shape] of SHAPES.entries()) cold.push(await ask(fresh(`cold ${i}`), shape));
      expect(new Set(cold).size).toBeGreaterThan(18);
      for (const [i, first] of SHAPES.entries()) {
        // What the first one leaves behind meets all others.
        const query = fresh(`after ${i}`);
        await ask(query, first);
        const row = await Promise.all(SHAPES.map((second) => ask(query, second)));
        row.forEach((text, j) => {
          expect({ first, second: SHAPES[j], text }).toEqual({ first, second: SHAPES[j], text: cold[j] });
        });
      }
    });

    test('all of them one after the other on the same document, twice, and for another caller in between', async () => {
      const rounds: string[][] = [];
      for (let round = 0; round < 2; round += 1) {
        const answers = [];
        for (const shape of SHAPES) {
          answers.push(await ask(DOCUMENT, shape));
          await gateway.ask(ledger.admin.token, DOCUMENT, shape);
        }
        rounds.push(answers);
      }
      expect(rounds[1]).toEqual(rounds[0]);
      expect(rounds[0]!.filter((text) => text.includes('FIELD_FORBIDDEN'))).toHaveLength(3);
    });

    test('operations of one document are told apart', async () => {
      const query = `query One { accounts { nodes { name } } } query Two { accounts { nodes { region } } }`;
      const one = await gateway.ask(ledger.support.token, query, {}, { operationName: 'One' });
      const two = await gateway.ask(ledger.support.token, query, {}, { operationName: 'Two' });
      expect(one.body.data.accounts.nodes[0]).toEqual({ name: 'Account 00' });
      expect(two.body.data.accounts.nodes[0]).toEqual({ region: 'EMEA' });
    });
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
  });
});
