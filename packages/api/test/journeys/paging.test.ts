import { sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

describe('Connections page as Relay clients expect', () => {
  let gateway: TestGateway;
  let analyst: string;
  let other: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    const ledger = await sampleLedger(gateway);
    analyst = ledger.analyst.token;
    other = ledger.secondAnalyst.token;
  });
  afterAll(() => gateway.stop());

  interface Page {
    totalCount: number;
    edges: { cursor: string; node: { id: string; number: string; total: string | null } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  }
  const QUERY = `query Page($first: Int, $after: String, $last: Int, $before: String, $orderBy: [InvoiceOrderBy!], $where: InvoiceWhere) {
    invoices(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, where: $where) {
      totalCount
      edges { cursor node { id number total } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const page = async (variables: Record<string, unknown>): Promise<Page> => {
    const { body } = await gateway.ask(analyst, QUERY, variables);
    expect(body.errors).toBeUndefined();
    return body.data.invoices;
  };
  const numbers = (from: Page) => from.edges.map(({ node }) => node.number);

  const ORDERS: Record<string, unknown[]> = {
    'by id alone': [],
    'by one field with equal values': [{ status: 'ASC' }],
    'by a nullable field, ascending': [{ externalId: 'ASC' }],
    'by a nullable field, descending': [{ externalId: 'DESC' }],
    'by mixed directions': [{ total: 'DESC' }, { issuedOn: 'ASC' }, { number: 'DESC' }],
  };

  for (const [name, orderBy] of Object.entries(ORDERS)) {
    test(`forward pages ${name} give every record once, in the order of one large page`, async () => {
      const whole = await page({ first: 100, orderBy });
      expect(whole.edges).toHaveLength(whole.totalCount);
      const seen: string[] = [];
      let after: string | null = null;
      for (let round = 0; round < 50; round += 1) {
        const part: Page = await page({ first: 7, after, orderBy });
        expect(part.pageInfo.hasPreviousPage).toBe(round > 0);
        expect(part.pageInfo.startCursor).toBe(part.edges[0]?.cursor ?? null);
        expect(part.pageInfo.endCursor).toBe(part.edges.at(-1)?.cursor ?? null);
        seen.push(...numbers(part));
        if (!part.pageInfo.hasNextPage) break;
        after = part.pageInfo.endCursor;
      }
      expect(seen).toEqual(numbers(whole));
    });

    test(`backward pages ${name} give the same records from the other end`, async () => {
      const whole = await page({ first: 100, orderBy });
      const seen: string[] = [];
      let before: string | null = null;
      for (let round = 0; round < 50; round += 1) {
        const part: Page = await page({ last: 9, before, orderBy });
        expect(part.pageInfo.hasNextPage).toBe(round > 0);
        seen.unshift(...numbers(part));
        if (!part.pageInfo.hasPreviousPage) break;
        before = part.pageInfo.startCursor;
      }
      expect(seen).toEqual(numbers(whole));
    });
  }

  test('an empty page has no cursors and no neighbours', async () => {
    const none = await page({ first: 5, where: { number: { eq: 'no such number' } } });
    expect(none).toEqual({
      totalCount: 0,
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('a page of size nought still tells whether records follow', async () => {
    const none = await page({ first: 0 });
    expect(none.edges).toEqual([]);
    expect(none.pageInfo.hasNextPage).toBe(true);
  });

  test('asking for the total alone reads no page', async () => {
    const { body } = await gateway.ask(analyst, '{ invoices { totalCount __typename } }');
    expect(body.data.invoices).toEqual({ totalCount: 48, __typename: 'InvoiceConnection' });
  });

  describe('a cursor works only where it came from', () => {
    const refusedWith = async (token: string, variables: Record<string, unknown>) => {
      const { body } = await gateway.ask(token, QUERY, variables);
      expect(body.data).toEqual({ invoices: null });
      return body.errors![0]!.extensions.code;
    };
    let cursor: string;
    beforeAll(async () => {
      cursor = (await page({ first: 3, orderBy: [{ number: 'ASC' }] })).pageInfo.endCursor!;
    });

    test('not under another sort', async () => {
      expect(await refusedWith(analyst, { first: 3, after: cursor, orderBy: [{ number: 'DESC' }] })).toBe(
        'BAD_USER_INPUT',
      );
    });
    test('not under another filter', async () => {
      const where = { status: { eq: 'PAID' } };
      expect(await refusedWith(analyst, { first: 3, after: cursor, orderBy: [{ number: 'ASC' }], where })).toBe(
        'BAD_USER_INPUT',
      );
    });
    test('not for another person with the same rights', async () => {
      expect(await refusedWith(other, { first: 3, after: cursor, orderBy: [{ number: 'ASC' }] })).toBe(
        'BAD_USER_INPUT',
      );
    });
    test('not with a single character changed, whichever it is', async () => {
      for (let i = 0; i < cursor.length; i += 5) {
        const changed = `${cursor.slice(0, i)}${cursor[i] === 'A' ? 'B' : 'A'}${cursor.slice(i + 1)}`;
        expect(await refusedWith(analyst, { first: 3, after: changed, orderBy: [{ number: 'ASC' }] })).toBe(
          'BAD_USER_INPUT',
        );
      }
    });
    test('not made up', async () => {
      for (const made of ['', 'x', Buffer.from('["1"]').toString('base64'), '[]']) {
        expect(await refusedWith(analyst, { first: 3, after: made, orderBy: [{ number: 'ASC' }] })).toBe(
          'BAD_USER_INPUT',
        );
      }
    });
  });

  test('page sizes are whole, not negative, and never above the limit', async () => {
    for (const variables of [{ first: 101 }, { first: -1 }, { last: 1_000_000 }, { first: 2, last: 2 }]) {
      const { body } = await gateway.ask(analyst, QUERY, variables);
      expect(body.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
    }
  });

  test('nested pages that multiply beyond the cost limit are refused before any SQL', async () => {
    const query = `{ accounts(first: 100) { nodes { invoices(first: 100) { nodes { lines(first: 100) { nodes { id amount quantity } } } } } } }`;
    const { body } = await gateway.ask(analyst, query);
    expect(body.errors![0]!.extensions.code).toBe('COST_LIMIT');
  });
});
