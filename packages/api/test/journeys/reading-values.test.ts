import { codes, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

/** Texts that have broken something somewhere: marks of our own, of JSON, of SQL, of LIKE, of Unicode. */
const TEXTS: readonly string[] = [
  '',
  ' ',
  'plain',
  'Plain',
  '\u0001',
  '\u0001#0\u0001',
  '\u00010:["0"]\u0001',
  '\u0001{"id":"x"}\u0001',
  '"},{"id":"forged","name":"forged"',
  '{"a":[1,2,{"b":null}]}',
  '\\',
  '\\\\',
  '\\"',
  '\\u0001',
  '\\x41',
  "'",
  "''; drop table product; --",
  '$1',
  '$$',
  ':name',
  '%',
  '_',
  '%plain%',
  'pl_in',
  'pla%',
  '\\%',
  '\n\r\t\b\f\v',
  '\u0002\u001f\u007f',
  '\u0080\u009f',
  '\u00a0\u00ad',
  '\u2028\u2029',
  '\ufeffbom',
  '\ufffd\ufffe\uffff',
  'e\u0301 é',
  'ß ẞ SS ſ',
  'İ ı i I',
  '你好，世界',
  'שלום \u202eabc',
  '💩👩‍👩‍👧',
  '\u{10ffff}\u{10000}',
  'NaN',
  'null',
  'true',
  '0',
  '__proto__',
  'a'.repeat(2_000),
];

describe('What is stored comes back as it is', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let admin: string;
  let watch: ErrorWatch;
  const ids: string[] = [];

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    admin = ledger.admin.token;
    watch = new ErrorWatch(gateway);
    const { pool } = gateway.core.database;
    for (const [i, text] of TEXTS.entries()) {
      const { rows } = await pool.query<{ id: string }>(
        'insert into product (id, name, code, description) values (gen_random_uuid(), $1, $2, $3) returning id',
        [`text ${i}`, `${i}`, text],
      );
      ids.push(rows[0]!.id);
    }
  });
  afterAll(() => gateway.stop());

  describe('texts', () => {
    test('every one, alone and among the others, in nodes and in edges', async () => {
      const query =
        '{ products(first: 100, orderBy: [{ name: ASC }]) { nodes { code description } edges { cursor node { again: description } } } }';
      const { body } = await gateway.ask(admin, query);
      const { nodes, edges } = body.data.products;
      expect(nodes).toHaveLength(TEXTS.length);
      for (const { code, description } of nodes) expect(description).toBe(TEXTS[Number(code)]);
      expect(edges.map(({ node }: { node: { again: string } }) => node.again)).toEqual(
        nodes.map(({ description }: { description: string }) => description),
      );
      for (const [i, id] of ids.entries()) {
        const one = await gateway.ask(admin, 'query ($id: ID!) { product(id: $id) { description } }', { id });
        expect(one.body).toEqual({ data: { product: { description: TEXTS[i] } } });
      }
    });

    test('the answer is plain JSON: no mark of ours is left in it', async () => {
      const { text } = await gateway.ask(
        admin,
        '{ products(first: 100) { nodes { description } pageInfo { endCursor } } }',
      );
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
      expect(text).not.toMatch(/[\u0000-\u001f]/);
    });

    test('what looks like a mark is counted as no record', async () => {
      const before = await eventCount();
      await gateway.ask(
        admin,
        '{ products(first: 10, where: { description: { startsWith: "\\u0001" } }) { nodes { id description } } }',
      );
      await expect(eventCount(before)).resolves.toEqual({ Product: 4 });
    });

    /** The records that the latest event counted; waits for one beyond `after`. */
    async function eventCount(after?: unknown): Promise<unknown> {
      for (let round = 0; round < 100; round += 1) {
        const [row] = await gateway.sql('select id, records from operation_event order by id desc limit 1');
        if (after === undefined) return row?.id ?? '0';
        if (row && row.id !== after && Object.keys(row.records as object).length > 0) return row.records;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return null;
    }

    const codesOf = async (where: unknown): Promise<string[]> => {
      const query =
        'query ($where: ProductWhere) { products(where: $where, first: 100, orderBy: { id: ASC }) { nodes { code } } }';
      const { body } = await gateway.ask(admin, query, { where });
      expect(body.errors).toBeUndefined();
      return body.data.products.nodes.map(({ code }: { code: string }) => code).sort();
    };
    const expected = (holds: (text: string) => boolean) =>
      TEXTS.flatMap((text, i) => (holds(text) ? [String(i)] : [])).sort();

    test('a filter takes every text for itself: no pattern, no folding of case or form', async () => {
      for (const needle of TEXTS) {
        const found = await Promise.all([
          codesOf({ description: { eq: needle } }),
          codesOf({ description: { in: [needle, 'nothing else'] } }),
          codesOf({ description: { contains: needle } }),
          codesOf({ description: { startsWith: needle } }),
        ]);
        expect({ needle, found }).toEqual({
          needle,
          found: [
            expected((text) => text === needle),
            expected((text) => text === needle),
            expected((text) => text.includes(needle)),
            expected((text) => text.startsWith(needle)),
          ],
        });
      }
    });

    test('a filter in the text of a document finds the same as one in variables', async () => {
      for (const needle of TEXTS) {
        const query = `{ products(where: { description: { contains: ${JSON.stringify(needle)} } }) { totalCount } }`;
        const { body } = await gateway.ask(admin, query);
        expect(body).toEqual({ data: { products: { totalCount: expected((text) => text.includes(needle)).length } } });
      }
    });

    test('comparisons and sort orders are those of the UTF-8 bytes', async () => {
      const byBytes = [...TEXTS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const { body } = await gateway.ask(
        admin,
        '{ products(first: 100, orderBy: { description: ASC }) { nodes { description } } }',
      );
      expect(body.data.products.nodes.map(({ description }: { description: string }) => description)).toEqual(byBytes);
      for (const edge of ['plain', '\u{10000}', '\uffff', 'é']) {
        const less = (text: string) => Buffer.compare(Buffer.from(text), Buffer.from(edge)) < 0;
        expect(await codesOf({ description: { lt: edge } })).toEqual(expected(less));
        expect(await codesOf({ description: { gte: edge } })).toEqual(expected((text) => !less(text)));
      }
    });

    test('pages of one that are sorted by these texts lose and repeat nothing', async () => {
      const query =
        'query ($after: String) { products(first: 1, after: $after, orderBy: { description: DESC }) { nodes { code } pageInfo { hasNextPage endCursor } } }';
      const seen: string[] = [];
      for (let after: string | null = null; ; ) {
        const { products }: Answer['body']['data'] = (await gateway.ask(admin, query, { after })).body.data;
        seen.push(products.nodes[0].code);
        if (!products.pageInfo.hasNextPage) break;
        after = products.pageInfo.endCursor;
      }
      expect(seen).toHaveLength(TEXTS.length);
      expect(new Set(seen).size).toBe(TEXTS.length);
    });

    test('what no record can hold is refused as a value, in filters and as part of one that cannot match', async () => {
      for (const text of ['\u0000', 'a\u0000b', '\ud800', 'a\udfff', '\udc00\ud800']) {
        for (const where of [
          { description: { eq: text } },
          { description: { in: ['x', text] } },
          { not: { description: { contains: text } } },
          { prices: { some: { externalId: { startsWith: text } } } },
        ]) {
          const answer = await gateway.ask(
            admin,
            'query ($where: ProductWhere) { products(where: $where) { totalCount edges { cursor } } }',
            { where },
          );
          expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
        }
        const folded = { or: [], description: { eq: text } };
        const query =
          'query ($where: ProductWhere, $after: String) { products(where: $where, after: $after) { edges { cursor } } }';
        expect(codes(await gateway.ask(admin, query, { where: folded, after: 'x' }))).toEqual(['BAD_USER_INPUT']);
      }
    });
  });

  describe('JSON', () => {
    const VALUES: readonly unknown[] = [
      null,
      [],
      {},
      '',
      TEXTS.filter((text) => text.length < 100),
      { '\u0001': '\u0001#0\u0001', 'a"b\\c': ['\u2028', { deep: { deeper: [null, true, 1.5e-7, -0.1, 1e21] } }] },
      9_007_199_254_740_991,
      { number: 12_345_678.9, text: '12345678901234567890.000' },
    ];
    test.each(VALUES.map((value) => [JSON.stringify(value).slice(0, 60), value]))('%s', async (_name, value) => {
      const { rows } = await gateway.core.database.pool.query<{ id: string }>(
        `insert into price (id, product_id, model, currency, tiers, amount, effective_from)
         values (gen_random_uuid(), $1, 'FLAT', 'EUR', $2::jsonb, 1, '2026-01-01') returning id`,
        [ids[0], value === null ? null : JSON.stringify(value)],
      );
      const { body } = await gateway.ask(admin, `{ price(id: "${rows[0]!.id}") { before: id tiers after: amount } }`);
      expect(body.data.price).toEqual({ before: rows[0]!.id, tiers: value, after: '1.000000' });
    });
  });

  describe('numbers, days and instants at their ends', () => {
    let subscription: string;
    const USAGE: [string, string][] = [
      ['999999999999.999999', '9999-12-31T23:59:59.999Z'],
      ['-999999999999.999999', '0001-01-01T00:00:00.000Z'],
      ['0.000000', '1970-01-01T00:00:00.000Z'],
      ['-0.000001', '1969-12-31T23:59:59.999Z'],
      ['0.000001', '2024-02-29T12:00:00.500Z'],
      ['1.100000', '1582-10-10T00:00:00.000Z'],
      ['100000000000.000000', '2016-12-31T23:59:59.000Z'],
    ];
    const DAYS = ['0001-01-01', '1582-10-10', '1900-02-28', '1969-12-31', '2000-02-29', '9999-12-31'];

    beforeAll(async () => {
      const { pool } = gateway.core.database;
      const made = await pool.query<{ id: string }>(
        `insert into subscription (id, account_id, product_id, quantity, starts_on) values (gen_random_uuid(), $1, $2, 0, '0001-01-01') returning id`,
        [ledger.accountIds[0], ids[0]],
      );
      subscription = made.rows[0]!.id;
      for (const [quantity, usedAt] of USAGE) {
        await pool.query(
          'insert into usage_record (id, subscription_id, quantity, used_at) values (gen_random_uuid(), $1, $2, $3)',
          [subscription, quantity, usedAt],
        );
      }
      for (const [i, day] of DAYS.entries()) {
        await pool.query(
          `insert into subscription (id, account_id, product_id, starts_on, ends_on) values (gen_random_uuid(), $1, $2, $3, $4)`,
          [ledger.accountIds[1], ids[0], day, i % 2 ? day : null],
        );
      }
    });

    test('come back to the last digit and the last millisecond, however they are sorted and paged', async () => {
      for (const [field, position] of [
        ['quantity', 0],
        ['usedAt', 1],
      ] as const) {
        const query = `query ($after: String) { usageRecords(first: 1, after: $after, orderBy: [{ ${field}: ASC }]) { nodes { quantity usedAt } pageInfo { hasNextPage endCursor } } }`;
        const seen: string[][] = [];
        for (let after: string | null = null; ; ) {
          const { body } = await gateway.ask(admin, query, { after });
          expect(body.errors).toBeUndefined();
          const { nodes, pageInfo } = body.data.usageRecords;
          seen.push([nodes[0].quantity, nodes[0].usedAt]);
          if (!pageInfo.hasNextPage) break;
          after = pageInfo.endCursor;
        }
        const key = (row: readonly string[]) => (position === 0 ? Number(row[0]) : Date.parse(row[1]!));
        expect(seen).toEqual([...USAGE].sort((a, b) => key(a) - key(b)));
      }
    });

    test('days come back as they are, also the first and the last', async () => {
      const query =
        'query ($after: String) { subscriptions(first: 2, after: $after, where: { quantity: { gt: "0" } }, orderBy: [{ startsOn: DESC }]) { nodes { startsOn endsOn } pageInfo { hasNextPage endCursor } } }';
      const seen: unknown[] = [];
      for (let after: string | null = null; ; ) {
        const { subscriptions }: Answer['body']['data'] = (await gateway.ask(admin, query, { after })).body.data;
        seen.push(...subscriptions.nodes);
        if (!subscriptions.pageInfo.hasNextPage) break;
        after = subscriptions.pageInfo.endCursor;
      }
      expect(seen).toEqual(DAYS.map((day, i) => ({ startsOn: day, endsOn: i % 2 ? day : null })).reverse());
    });

    test('each is found by a filter for exactly itself, in any spelling of the same value', async () => {
      const total = async (where: unknown) => {
        const { body } = await gateway.ask(
          admin,
          'query ($where: UsageRecordWhere) { usageRecords(where: $where) { totalCount } }',
          { where },
        );
        return body.errors ? codes({ body } as never)[0] : body.data.usageRecords.totalCount;
      };
      for (const [quantity, usedAt] of USAGE) {
        expect(await total({ quantity: { eq: quantity }, usedAt: { eq: usedAt } })).toBe(1);
        expect(await total({ quantity: { lt: quantity, gt: quantity } })).toBe(0);
      }
      expect(await total({ quantity: { eq: '1.1' } })).toBe(1);
      expect(await total({ quantity: { eq: '-0' } })).toBe(1);
      expect(await total({ usedAt: { eq: '1970-01-01T05:30:00+05:30' } })).toBe(1);
      expect(await total({ usedAt: { gte: '0001-01-01T00:00:00Z', lte: '9999-12-31T23:59:59.999Z' } })).toBe(
        USAGE.length,
      );
    });

    test.each([
      ['an instant before the year 1 in UTC', { usedAt: { gte: '0001-01-01T00:00:00+00:01' } }],
      ['an instant after the year 9999 in UTC', { usedAt: { lte: '9999-12-31T23:59:59-00:01' } }],
      ['the year 0', { usedAt: { gte: '0000-12-31T00:00:00Z' } }],
      ['a day that is none', { usedAt: { gte: '2026-02-29T00:00:00Z' } }],
      ['an hour that is none', { usedAt: { gte: '2026-01-01T24:00:00Z' } }],
      ['a leap second', { usedAt: { gte: '2016-12-31T23:59:60Z' } }],
      ['microseconds', { usedAt: { gte: '2026-01-01T00:00:00.000001Z' } }],
      ['an instant without an offset', { usedAt: { gte: '2026-01-01T00:00:00' } }],
      ['an instant as a number', { usedAt: { gte: 0 } }],
      ['infinity', { usedAt: { lt: 'infinity' } }],
      ['now', { usedAt: { lt: 'now' } }],
      ['one digit too many before the point', { quantity: { eq: '1234567890123456789' } }],
      ['one digit too many behind it', { quantity: { eq: '0.0000001' } }],
      ['a number instead of a text', { quantity: { eq: 1.5 } }],
      ['NaN', { quantity: { eq: 'NaN' } }],
      ['an exponent', { quantity: { eq: '1e3' } }],
      ['a plus sign', { quantity: { eq: '+1' } }],
      ['a white space', { quantity: { eq: ' 1' } }],
      ['an id that is none', { id: { eq: 'x' } }],
      ['a list where one value belongs', { quantity: { eq: ['1', '2'] } }],
      ['an object where a value belongs', { quantity: { eq: { gt: '1' } } }],
      ['a whole number beyond 32 bits', { version: { eq: 2_147_483_648 } }],
      ['a fraction for a whole number', { version: { eq: 1.5 } }],
      ['null to compare with', { quantity: { eq: null } }],
      ['null in a list', { quantity: { in: ['1', null] } }],
      ['null for a field', { quantity: null }],
      ['null in and', { and: [null] }],
      ['null for not', { not: null }],
      ['null for a relation', { subscription: null }],
      ['null for some', { subscription: { usageRecords: { some: null } } }],
    ])('%s is refused as a value', async (_name, where) => {
      const query = 'query ($where: UsageRecordWhere) { usageRecords(where: $where) { totalCount } }';
      expect(codes(await gateway.ask(admin, query, { where }))).toEqual(['BAD_USER_INPUT']);
    });

    test('a day or an instant that only a database can hold does not harm the records beside it', async () => {
      await gateway.sql(`insert into usage_record (id, subscription_id, quantity, used_at) values
        (gen_random_uuid(), '${subscription}', 7, 'infinity'), (gen_random_uuid(), '${subscription}', 7, '-infinity'), (gen_random_uuid(), '${subscription}', 'NaN', '2026-01-01')`);
      const query =
        '{ usageRecords(first: 50, orderBy: [{ usedAt: ASC }]) { totalCount nodes { id usedAt quantity } edges { cursor } } }';
      const { body } = await gateway.ask(admin, query);
      expect(body.errors).toBeUndefined();
      expect(body.data.usageRecords.nodes).toHaveLength(USAGE.length + 3);
      expect(body.data.usageRecords.edges).toHaveLength(USAGE.length + 3);
      await gateway.sql("delete from usage_record where quantity = 7 or quantity = 'NaN'");
    });
  });

  test('what a client writes is what it reads', async () => {
    const mutation =
      'mutation ($input: ProductCreateInput!) { createProduct(input: $input) { product { name code description } userErrors { code field } } }';
    let written = 0;
    for (const text of TEXTS) {
      const input = { name: 'written', code: 'W', description: text };
      const { body } = await gateway.ask(admin, mutation, { input });
      expect(body.errors).toBeUndefined();
      const { product, userErrors } = body.data.createProduct;
      if (userErrors.length === 0) {
        expect(product.description).toBe(text);
        written += 1;
      } else {
        expect(userErrors).toMatchObject([{ field: ['input', 'description'] }]);
      }
    }
    expect(written).toBeGreaterThan(TEXTS.length / 2);
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
  });
});
