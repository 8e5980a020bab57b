import { blank, codes, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Support sees EMEA accounts without their tax ids, and e-mail addresses of contacts masked. Each test takes another
 * road to a tax id.
 */
const TAX_ID = /DE12345678\d/;
const CLEAR_EMAIL = /contact\d+@/;

describe('A forbidden field is closed on every road', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let support: string;
  let watch: ErrorWatch;
  let accountId: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    watch = new ErrorWatch(gateway);
    support = ledger.support.token;
    accountId = ledger.accountIds[0]!;
  });
  afterAll(() => gateway.stop());

  describe('selected', () => {
    /** The selection, then the response keys down to it, then how many of them stand before the first list. */
    const ROADS: [string, string, string, number][] = [
      ['by its name', '{ accounts { nodes { taxId } } }', 'accounts.nodes.taxId', 2],
      ['in an edge', '{ accounts { edges { node { taxId } } } }', 'accounts.edges.node.taxId', 2],
      ['of one record', '{ account(id: "ID") { taxId } }', 'account.taxId', 2],
      ['of a record that is not there', '{ account(id: "nobody") { taxId } }', 'account.taxId', 2],
      ['under an alias', '{ a: accounts { n: nodes { name: taxId } } }', 'a.n.name', 2],
      [
        'in a fragment',
        '{ accounts { nodes { ...F } } } fragment F on Account { ...G } fragment G on Account { taxId }',
        'accounts.nodes.taxId',
        2,
      ],
      [
        'in inline fragments, typed and not',
        '{ accounts { nodes { ... { ... on Account { taxId } } } } }',
        'accounts.nodes.taxId',
        2,
      ],
      ['of a parent', '{ invoices { nodes { account { taxId } } } }', 'invoices.nodes.account.taxId', 2],
      [
        'of a parent of a parent',
        '{ invoiceLines { nodes { invoice { account { taxId } } } } }',
        'invoiceLines.nodes.invoice.account.taxId',
        2,
      ],
      [
        'of a child of a parent',
        '{ account(id: "ID") { invoices(first: 1) { nodes { account { taxId } } } } }',
        'account.invoices.nodes.account.taxId',
        3,
      ],
      [
        'there and back again',
        '{ contacts { nodes { account { contacts { nodes { account { taxId } } } } } } }',
        'contacts.nodes.account.contacts.nodes.account.taxId',
        2,
      ],
      [
        'of a child account',
        '{ accounts { nodes { children { edges { node { parent { taxId } } } } } } }',
        'accounts.nodes.children.edges.node.parent.taxId',
        2,
      ],
      [
        'through a key that two fragments share',
        '{ invoices { nodes { ...A ...B } } } fragment A on Invoice { account { name } } fragment B on Invoice { account { taxId } }',
        'invoices.nodes.account.taxId',
        2,
      ],
      [
        'in a root key that two fragments share',
        '{ ...A ...B } fragment A on Query { accounts { nodes { name } } } fragment B on Query { accounts { nodes { taxId } } }',
        'accounts.nodes.taxId',
        2,
      ],
      [
        'included by a variable',
        'query ($yes: Boolean!) { accounts { nodes { taxId @include(if: $yes) } } }',
        'accounts.nodes.taxId',
        2,
      ],
      [
        'not skipped by a variable with a default',
        'query ($no: Boolean = false) { accounts { nodes { taxId @skip(if: $no) } } }',
        'accounts.nodes.taxId',
        2,
      ],
      [
        'in an included fragment',
        'query ($yes: Boolean!) { accounts { nodes { ...F @include(if: $yes) } } } fragment F on Account { taxId }',
        'accounts.nodes.taxId',
        2,
      ],
    ];

    test.each(ROADS)(
      '%s: null, and one error that says where and what helps',
      async (_name, query, selection, depth) => {
        const answer = await gateway.ask(support, query.replaceAll('ID', accountId), { yes: true });
        expect(answer.status).toBe(200);
        expect(answer.text).not.toMatch(TAX_ID);
        expect(answer.body.errors).toHaveLength(1);
        expect(answer.body.errors![0]).toMatchObject({
          message: 'You may not use this field in this way.',
          path: selection.split('.').slice(0, depth),
          extensions: {
            code: 'FIELD_FORBIDDEN',
            coordinate: 'Account.taxId',
            selection,
            remedy: 'Ask a security admin for a role that allows this on Account.taxId.',
          },
        });
      },
    );

    test('two selections of it are two errors, and the rest of the answer is there', async () => {
      const { body } = await gateway.ask(support, '{ accounts { nodes { a: taxId b: taxId name } } }');
      expect(body.errors!.map(({ extensions }) => extensions.selection)).toEqual([
        'accounts.nodes.a',
        'accounts.nodes.b',
      ]);
      expect(body.data.accounts.nodes).toHaveLength(3);
      for (const node of body.data.accounts.nodes) expect(node).toEqual({ a: null, b: null, name: expect.any(String) });
    });

    test('the error is the same for no record, for one and for all', async () => {
      const query = 'query ($where: AccountWhere) { accounts(where: $where) { nodes { name taxId } } }';
      const answers = await Promise.all(
        [{ name: { eq: 'nobody' } }, { name: { eq: 'Account 00' } }, {}].map((where) =>
          gateway.ask(support, query, { where }),
        ),
      );
      expect(answers.map(({ body }) => body.data.accounts.nodes.length)).toEqual([0, 1, 3]);
      const errors = answers.map(({ body }) => blank(JSON.stringify(body.errors)));
      expect(new Set(errors).size).toBe(1);
    });

    test('what is not included is not refused', async () => {
      const query = 'query ($no: Boolean!) { accounts { nodes { name taxId @include(if: $no) } } }';
      const { body } = await gateway.ask(support, query, { no: false });
      expect(body.errors).toBeUndefined();
    });

    test("in the payload of one's own mutation", async () => {
      const query = '{ contacts(first: 1) { nodes { id version account { id } } } }';
      const [contact] = (await gateway.ask(support, query)).body.data.contacts.nodes;
      const mutation = `mutation { updateContact(id: "${contact.id}", expectedVersion: ${contact.version}, input: { city: "Ulm" }) {
        contact { city email account { taxId } } userErrors { code } } }`;
      const { body, text } = await gateway.ask(support, mutation);
      expect(text).not.toMatch(TAX_ID);
      expect(text).not.toMatch(CLEAR_EMAIL);
      expect(body.data.updateContact.contact).toMatchObject({ city: 'Ulm', account: { taxId: null } });
      expect(body.errors).toMatchObject([
        {
          path: ['updateContact', 'contact', 'account', 'taxId'],
          extensions: { coordinate: 'Account.taxId', selection: 'updateContact.contact.account.taxId' },
        },
      ]);
    });
  });

  describe('in a filter, which would answer yes or no', () => {
    const WHERES = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'contains', 'startsWith']
      .map((operator) => `{ taxId: { ${operator}: "DE123456780" } }`)
      .concat([
        '{ taxId: { in: ["DE123456780"] } }',
        '{ taxId: { in: [] } }',
        '{ taxId: { isNull: false } }',
        '{ and: [{ name: { eq: "x" } }, { taxId: { eq: "x" } }] }',
        '{ or: [{ taxId: { eq: "x" } }] }',
        '{ or: [{ id: { isNull: false } }, { taxId: { eq: "x" } }] }',
        '{ not: { taxId: { eq: "x" } } }',
        '{ not: { not: { or: [{ and: [{ taxId: { eq: "x" } }] }] } } }',
        '{ parent: { taxId: { eq: "x" } } }',
        '{ parent: { not: { taxId: { eq: "x" } } } }',
        '{ parent: { parent: { taxId: { isNull: true } } } }',
        '{ children: { some: { taxId: { eq: "x" } } } }',
        '{ children: { none: { taxId: { eq: "x" } } } }',
        '{ invoices: { some: { account: { taxId: { eq: "x" } } } } }',
        '{ contacts: { none: { account: { or: [{ taxId: { eq: "x" } }] } } } }',
      ]);

    test.each(WHERES)('%s refuses the root field', async (where) => {
      const ways = [
        `{ accounts(where: ${where}) { totalCount } }`,
        `{ accounts(where: ${where}) { nodes { id } } }`,
        `query ($where: AccountWhere = ${where}) { accounts(where: $where) { pageInfo { hasNextPage } } }`,
        `{ accounts: accounts { nodes { children(where: ${where}) { totalCount } } } }`,
      ];
      for (const query of ways) {
        const answer = await gateway.ask(support, query);
        expect(answer.body.data).toEqual({ accounts: null });
        expect(answer.body.errors).toMatchObject([
          { path: ['accounts'], extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Account.taxId' } },
        ]);
      }
    });

    test('the same filters as variables, from the other side of the relation', async () => {
      const query = 'query ($where: InvoiceWhere) { invoices(where: $where) { totalCount } }';
      for (const account of [
        { taxId: { eq: 'DE123456780' } },
        { not: { taxId: { in: ['x'] } } },
        { taxId: { isNull: true } },
        { children: { some: { taxId: { gt: '' } } } },
      ]) {
        const answer = await gateway.ask(support, query, { where: { account } });
        expect(answer.body.data).toEqual({ invoices: null });
        expect(codes(answer)).toEqual(['FIELD_FORBIDDEN']);
      }
    });

    test('naming it without an operator compares nothing, which no filter may', async () => {
      const answer = await gateway.ask(support, '{ accounts(where: { taxId: {} }) { totalCount } }');
      expect(answer.body.data).toEqual({ accounts: null });
      expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
    });

    test('a filter by another field is not refused for it', async () => {
      const answer = await gateway.ask(support, '{ accounts(where: { name: { eq: "Account 00" } }) { totalCount } }');
      expect(answer.body).toEqual({ data: { accounts: { totalCount: 1 } } });
    });
  });

  describe('in a sort, which would put records in its order', () => {
    test.each(['ASC', 'DESC'])('%s refuses the root field, by literal and by variable', async (direction) => {
      const answers = [
        await gateway.ask(support, `{ accounts(orderBy: [{ taxId: ${direction} }]) { nodes { id } } }`),
        await gateway.ask(support, `{ accounts(orderBy: [{ name: ASC }, { taxId: ${direction} }]) { totalCount } }`),
        await gateway.ask(support, 'query ($by: [AccountOrderBy!]) { accounts(orderBy: $by) { nodes { id } } }', {
          by: [{ taxId: direction }],
        }),
        await gateway.ask(
          support,
          'query ($by: SortDirection) { accounts(orderBy: { taxId: $by }) { nodes { id } } }',
          { by: direction },
        ),
      ];
      for (const { body } of answers) {
        expect(body.data).toEqual({ accounts: null });
        expect(body.errors).toMatchObject([{ extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Account.taxId' } }]);
      }
    });

    test('a cursor of somebody who may sort by it opens nothing', async () => {
      const query =
        'query ($after: String) { accounts(first: 1, after: $after, orderBy: [{ taxId: ASC }]) { pageInfo { endCursor } } }';
      const { body } = await gateway.ask(ledger.analyst.token, query);
      const after = body.data.accounts.pageInfo.endCursor;
      expect(codes(await gateway.ask(support, query, { after }))).toEqual(['FIELD_FORBIDDEN']);
      const other = query.replace(', orderBy: [{ taxId: ASC }]', '');
      expect(codes(await gateway.ask(support, other, { after }))).toEqual(['BAD_USER_INPUT']);
    });
  });

  describe('a masked field', () => {
    test('shows its mask wherever it is selected', async () => {
      const query = `{ contacts(first: 1) { nodes { email mail: email ...F account { contacts { nodes { email } } } } edges { node { email } } } }
        fragment F on Contact { again: email }`;
      const { body, text } = await gateway.ask(support, query);
      expect(body.errors).toBeUndefined();
      expect(text).not.toMatch(CLEAR_EMAIL);
      expect(body.data.contacts.nodes[0]).toMatchObject({
        email: 'c•••@example.org',
        mail: 'c•••@example.org',
        again: 'c•••@example.org',
      });
    });

    test.each([
      '(where: { email: { eq: "contact0@example.org" } })',
      '(where: { email: { isNull: false } })',
      '(where: { not: { email: { startsWith: "contact" } } })',
      '(where: { account: { contacts: { some: { email: { contains: "0" } } } } })',
      '(orderBy: [{ email: ASC }])',
    ])('%s is refused: it needs the field in the clear', async (position) => {
      const { body } = await gateway.ask(support, `{ contacts${position} { totalCount } }`);
      expect(body.data).toEqual({ contacts: null });
      expect(body.errors).toMatchObject([{ extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Contact.email' } }]);
    });
  });

  describe('an object of which nothing is allowed', () => {
    test.each([
      ['as a root field', '{ contracts { totalCount } }', 'Contract', ['contracts']],
      ['as one record', '{ contract(id: "x") { id } }', 'Contract', ['contract']],
      ['as a parent', '{ invoices { nodes { contract { id } } } }', 'Invoice.contract', ['invoices', 'nodes']],
      [
        'as a filter step',
        '{ invoices(where: { contract: { number: { eq: "x" } } }) { totalCount } }',
        'Contract',
        ['invoices'],
      ],
      [
        'as the absence of a parent',
        '{ invoices(where: { contract: { isNull: true } }) { totalCount } }',
        'Contract',
        ['invoices'],
      ],
    ])('%s answers FORBIDDEN', async (_name, query, coordinate, path) => {
      const { body } = await gateway.ask(ledger.analyst.token, query);
      expect(body.errors).toMatchObject([{ path, extensions: { code: 'FORBIDDEN', coordinate } }]);
    });
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
    expect(watch.size).toBeGreaterThan(15);
  });
});
