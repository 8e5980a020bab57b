import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

interface Invoice {
  id: string;
  number: string;
  status: string;
  currency: string;
  issuedOn: string;
  dueOn: string;
  total: string;
  tax: string;
  notes: string | null;
  externalId: string | null;
  version: number;
  createdAt: string;
  account: { id: string; name: string; region: string } | null;
}

type Group<K> = { key: K; rows: Invoice[] };

/** Decimals of one scale as whole numbers of their last digit. */
const units = (text: string) => BigInt(text.replace('.', ''));
const decimal = (value: bigint, scale: number) => {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};
const sumOf = (rows: readonly string[]) => rows.reduce((sum, text) => sum + units(text), 0n);
/** Half away from zero, six digits more. */
const averageOf = (rows: readonly string[]) => {
  const sum = sumOf(rows) * 1_000_000n * 2n;
  const count = BigInt(rows.length);
  const half = sum < 0n ? -count : count;
  return decimal((sum + half) / (2n * count), 8);
};
const least = (values: readonly string[]) => [...values].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const smallest = (values: readonly string[]) => values.reduce((a, b) => (units(b) < units(a) ? b : a), values[0]!);
const largest = (values: readonly string[]) => values.reduce((a, b) => (units(b) > units(a) ? b : a), values[0]!);

/** The calendar day of an instant in a place, as the ECMAScript internationalisation data know it. */
const dayIn = (timeZone: string, instant: string) =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(instant),
  );
const firstDay = (unit: string, day: string) => {
  const [year = '', month = ''] = day.split('-');
  switch (unit) {
    case 'DAY':
      return day;
    case 'WEEK': {
      const date = new Date(`${day}T00:00:00Z`);
      date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
      return date.toISOString().slice(0, 10);
    }
    case 'MONTH':
      return `${year}-${month}-01`;
    case 'QUARTER':
      return `${year}-${String(Math.floor((Number(month) - 1) / 3) * 3 + 1).padStart(2, '0')}-01`;
    default:
      return `${year}-01-01`;
  }
};

/** Around the hours that clocks skip or repeat, midnights of several places, and the turn of a year. */
const INSTANTS = [
  '2026-03-28T22:59:59.999Z',
  '2026-03-28T23:00:00.000Z',
  '2026-03-29T00:59:59.999Z',
  '2026-03-29T01:00:00.000Z',
  '2026-03-29T21:59:59.999Z',
  '2026-03-29T22:00:00.000Z',
  '2026-10-24T21:59:59.999Z',
  '2026-10-24T22:00:00.000Z',
  '2026-10-25T00:30:00.000Z',
  '2026-10-25T01:30:00.000Z',
  '2026-10-25T22:59:59.999Z',
  '2026-10-25T23:00:00.000Z',
  '2026-11-01T03:59:59.999Z',
  '2026-11-01T04:00:00.000Z',
  '2026-11-01T05:30:00.000Z',
  '2026-11-01T06:30:00.000Z',
  '2026-12-31T18:29:59.999Z',
  '2026-12-31T18:30:00.000Z',
  '2026-12-31T22:59:59.999Z',
  '2026-12-31T23:00:00.000Z',
  '2027-01-01T00:00:00.000Z',
  '2011-12-30T09:59:59.999Z',
  '2011-12-30T10:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
];

describe('Aggregates give what working them out by hand gives', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let rows: Invoice[];

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    const instants = INSTANTS.map((instant) => `'${instant}'`).join(',');
    await gateway.sql(`with numbered as (select id, row_number() over (order by number) as n from invoice)
      update invoice i set created_at = (array[${instants}]::timestamptz[])[1 + n % ${INSTANTS.length}],
        total = case n % 5 when 0 then 9999999999999.99 when 1 then 0.01 * n else total + 0.07 * n end,
        tax = (n * n % 97) / 100.0, currency = case n % 3 when 0 then 'USD' else 'EUR' end
      from numbered where numbered.id = i.id`);
    rows = await everyInvoice(ledger.analyst.token);
    expect(rows).toHaveLength(48);
  });
  afterAll(() => gateway.stop());

  async function everyInvoice(token: string): Promise<Invoice[]> {
    const { body } = await gateway.ask(
      token,
      `{ invoices(first: 100) { nodes { id number status currency issuedOn dueOn total tax notes externalId version
         createdAt account { id name region } } } }`,
    );
    return body.data.invoices.nodes;
  }
  const ask = async (args: string, selection: string, variables: unknown = {}, head = '') => {
    const { body } = await gateway.ask(
      ledger.analyst.token,
      `query Q${head} { invoicesAggregate${args} { groups { ${selection} } hasMore } }`,
      variables,
    );
    expect(body.errors).toBeUndefined();
    return body.data.invoicesAggregate;
  };
  function groupsOf<K>(of: readonly Invoice[], keyOf: (row: Invoice) => K): Group<K>[] {
    const groups = new Map<string, Group<K>>();
    for (const row of of) {
      const key = keyOf(row);
      const text = JSON.stringify(key);
      const group = groups.get(text) ?? { key, rows: [] };
      groups.set(text, group);
      group.rows.push(row);
    }
    return [...groups.values()];
  }

  const FIGURES = `count countDistinct { account currency notes externalId }
    sum { total tax version } avg { total version } min { total issuedOn number notes createdAt version } max { total issuedOn number createdAt }`;
  const figuresOf = (of: readonly Invoice[]) => {
    const notes = of.flatMap((row) => row.notes ?? []);
    const totals = of.map((row) => row.total);
    const versions = of.map((row) => String(row.version));
    return {
      count: of.length,
      countDistinct: {
        account: new Set(of.map((row) => row.account?.id)).size,
        currency: new Set(of.map((row) => row.currency)).size,
        notes: new Set(notes).size,
        externalId: new Set(of.flatMap((row) => row.externalId ?? [])).size,
      },
      sum: {
        total: decimal(sumOf(totals), 2),
        tax: decimal(sumOf(of.map((row) => row.tax)), 2),
        version: String(sumOf(versions)),
      },
      avg: {
        total: averageOf(totals),
        version: decimal((sumOf(versions) * 2_000_000n + BigInt(of.length)) / (2n * BigInt(of.length)), 6),
      },
      min: {
        total: smallest(totals),
        issuedOn: least(of.map((row) => row.issuedOn))[0],
        number: least(of.map((row) => row.number))[0],
        notes: least(notes)[0] ?? null,
        createdAt: least(of.map((row) => row.createdAt))[0],
        version: Math.min(...of.map((row) => row.version)),
      },
      max: {
        total: largest(totals),
        issuedOn: least(of.map((row) => row.issuedOn)).at(-1),
        number: least(of.map((row) => row.number)).at(-1),
        createdAt: least(of.map((row) => row.createdAt)).at(-1),
      },
    };
  };

  test('over all records, exact to the last digit', async () => {
    expect(await ask('', FIGURES)).toEqual({ groups: [figuresOf(rows)], hasMore: false });
    expect(await ask('(groupBy: [])', 'count')).toEqual({ groups: [{ count: 48 }], hasMore: false });
  });

  test('over no record: one group, counts of 0, everything else null', async () => {
    expect(await ask('(where: { number: { eq: "none" } })', FIGURES)).toEqual({
      groups: [
        {
          count: 0,
          countDistinct: { account: 0, currency: 0, notes: 0, externalId: 0 },
          sum: { total: null, tax: null, version: null },
          avg: { total: null, version: null },
          min: { total: null, issuedOn: null, number: null, notes: null, createdAt: null, version: null },
          max: { total: null, issuedOn: null, number: null, createdAt: null },
        },
      ],
      hasMore: false,
    });
    expect(await ask('(where: { number: { eq: "none" } }, groupBy: [{ status: true }])', 'count')).toEqual({
      groups: [],
      hasMore: false,
    });
  });

  test.each([
    ['an enum', '{ status: true }', 'status', (row: Invoice) => ({ status: row.status })],
    ['a text with empty values', '{ notes: true }', 'notes', (row: Invoice) => ({ notes: row.notes })],
    ['a decimal', '{ total: true }', 'total', (row: Invoice) => ({ total: row.total })],
    ['an integer', '{ version: true }', 'version', (row: Invoice) => ({ version: row.version })],
    [
      'a parent',
      '{ account: { id: true } }',
      'account { id }',
      (row: Invoice) => ({ account: { id: row.account!.id } }),
    ],
    [
      'a field of a parent',
      '{ account: { region: true } }',
      'account { region }',
      (row: Invoice) => ({ account: { region: row.account!.region } }),
    ],
    [
      'two fields and a parent with its name',
      '{ status: true }, { currency: true }, { account: { id: true } }, { account: { name: true } }',
      'status currency account { id name }',
      ({ status, currency, account }: Invoice) => ({
        status,
        currency,
        account: { id: account!.id, name: account!.name },
      }),
    ],
  ] as const)('grouped by %s', async (_name, groupBy, selection, keyOf) => {
    const answer = await ask(`(groupBy: [${groupBy}])`, `key { ${selection} } ${FIGURES}`);
    const expected = groupsOf<object>(rows, keyOf).map((group) => ({ key: group.key, ...figuresOf(group.rows) }));
    expect(expected.length).toBeGreaterThan(0);
    expect(answer.groups).toHaveLength(expected.length);
    expect(answer.groups).toEqual(expect.arrayContaining(expected));
  });

  test.each(['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'])('days are grouped by %s', async (unit) => {
    const answer = await ask(
      '(groupBy: [{ issuedOn: { by: $by } }])',
      'key { issuedOn } count sum { total }',
      { by: unit },
      '($by: DateUnit!)',
    );
    const groups = groupsOf(rows, (row) => firstDay(unit, row.issuedOn)).sort((a, b) => (a.key < b.key ? -1 : 1));
    expect(answer.groups).toEqual(
      groups.map(({ key, rows: of }) => ({
        key: { issuedOn: key },
        count: of.length,
        sum: { total: decimal(sumOf(of.map((row) => row.total)), 2) },
      })),
    );
  });

  const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'America/St_Johns'];
  for (const zone of ZONES) {
    test.each(['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'])(`instants are grouped by %s in ${zone}`, async (unit) => {
      const answer = await ask(
        '(groupBy: [{ createdAt: { by: $by, timeZone: $zone } }], orderBy: [{ key: { createdAt: DESC } }])',
        'key { createdAt } count',
        { by: unit, zone },
        '($by: DateUnit!, $zone: String)',
      );
      const groups = groupsOf(rows, (row) => firstDay(unit, dayIn(zone, row.createdAt)));
      groups.sort((a, b) => (a.key < b.key ? 1 : -1));
      expect(answer.groups).toEqual(groups.map(({ key, rows: of }) => ({ key: { createdAt: key }, count: of.length })));
    });
  }

  test('the zone is UTC when it is left out, and the days of Berlin differ from those of UTC', async () => {
    const days = async (how: string) =>
      (await ask(`(groupBy: [{ createdAt: { by: DAY${how} } }])`, 'key { createdAt } count')).groups;
    expect(await days('')).toEqual(await days(', timeZone: "UTC"'));
    expect(await days('')).not.toEqual(await days(', timeZone: "Europe/Berlin"'));
  });

  test('every zone that Node knows is known to PostgreSQL', async () => {
    const zones = Intl.supportedValuesOf('timeZone');
    expect(zones.length).toBeGreaterThan(400);
    const known = await gateway.sql('select name from pg_timezone_names');
    const names = new Set(known.map(({ name }) => String(name)));
    expect(zones.filter((zone) => !names.has(zone))).toEqual([]);
  });

  test.each([
    ['on the count', '{ count: { gte: 13 } }', (of: Invoice[]) => of.length >= 13],
    [
      'on a sum',
      '{ sum: { total: { gt: "100000000000.00" } } }',
      (of: Invoice[]) => sumOf(of.map((r) => r.total)) > 10_000_000_000_000n,
    ],
    [
      'on a smallest day',
      '{ min: { issuedOn: { lte: "2026-01-15" } } }',
      (of: Invoice[]) => least(of.map((r) => r.issuedOn))[0]! <= '2026-01-15',
    ],
    [
      'on distinct values',
      '{ countDistinct: { account: { in: [3, 5] } } }',
      (of: Invoice[]) => [3, 5].includes(new Set(of.map((r) => r.account!.id)).size),
    ],
    [
      'for there being no value',
      '{ max: { notes: { isNull: true } } }',
      (of: Invoice[]) => of.every((r) => r.notes === null),
    ],
    [
      'for what is not',
      '{ not: { max: { notes: { isNull: true } } } }',
      (of: Invoice[]) => of.some((r) => r.notes !== null),
    ],
    [
      'with either of two',
      '{ or: [{ count: { eq: 9 } }, { count: { lt: 4 } }] }',
      (of: Invoice[]) => of.length === 9 || of.length < 4,
    ],
    [
      'with both of two',
      '{ and: [{ count: { gt: 1 } }], avg: { total: { ne: "0.00" } } }',
      (of: Invoice[]) => of.length > 1 && sumOf(of.map((r) => r.total)) !== 0n,
    ],
    ['of which nothing is left', '{ or: [] }', () => false],
    ['that asks for nothing', '{}', () => true],
  ] as const)('having %s', async (_name, having, keeps) => {
    const groupBy = '[{ issuedOn: { by: MONTH } }, { currency: true }]';
    const answer = await ask(`(groupBy: ${groupBy}, having: ${having})`, 'key { issuedOn currency } count');
    const groups = groupsOf(rows, (row) => ({ issuedOn: firstDay('MONTH', row.issuedOn), currency: row.currency }));
    const kept = groups.filter((group) => (keeps as (of: Invoice[]) => boolean)(group.rows));
    expect(answer.groups).toHaveLength(kept.length);
    expect(answer.groups).toEqual(expect.arrayContaining(kept.map(({ key, rows: of }) => ({ key, count: of.length }))));
  });

  test('unknown is no: a comparison with no value keeps no group, and neither does its opposite', async () => {
    const keep = async (having: string) =>
      (await ask(`(where: { notes: { isNull: true } }, having: ${having})`, 'count')).groups.length;
    expect(await keep('{ max: { notes: { ne: "x" } } }')).toBe(0);
    expect(await keep('{ not: { max: { notes: { ne: "x" } } } }')).toBe(0);
    expect(await keep('{ max: { notes: { isNull: true } } }')).toBe(1);
  });

  test('order by figures, then by keys; empty keys last when ascending; pages of groups say that there are more', async () => {
    const order = '[{ count: DESC }, { key: { notes: ASC } }]';
    const whole = await ask(`(groupBy: [{ notes: true }], orderBy: ${order})`, 'key { notes } count');
    expect(whole.groups[0]).toEqual({ key: { notes: null }, count: 36 });
    const notes = whole.groups.slice(1).map(({ key }: { key: { notes: string } }) => key.notes);
    expect(notes).toEqual(least(notes));
    for (const first of [0, 1, 5, 12, 13, 14]) {
      const page = await ask(
        `(groupBy: [{ notes: true }], orderBy: ${order}, first: $first)`,
        'key { notes } count',
        { first },
        '($first: Int)',
      );
      expect(page).toEqual({ groups: whole.groups.slice(0, first), hasMore: first < 13 });
    }
    const last = await ask('(groupBy: [{ notes: true }], orderBy: [{ key: { notes: ASC } }])', 'key { notes }');
    expect(last.groups.at(-1)).toEqual({ key: { notes: null } });
    const bySum = await ask('(groupBy: [{ status: true }], orderBy: [{ sum: { total: DESC } }])', 'sum { total }');
    const sums = bySum.groups.map(({ sum }: { sum: { total: string } }) => units(sum.total));
    expect(sums).toEqual([...sums].sort((a, b) => (a < b ? 1 : -1)));
  });

  test('below a record, over its own children only', async () => {
    const { body } = await gateway.ask(
      ledger.analyst.token,
      `{ accounts(first: 50) { nodes { id open: invoicesAggregate(where: { status: { ne: PAID } }) { groups { count } }
         invoicesAggregate(groupBy: [{ status: true }], orderBy: [{ key: { status: DESC } }]) {
           __typename groups { __typename key { __typename state: status } count sum { __typename total } } } } } }`.replace(
        '"PAID"',
        'PAID',
      ),
    );
    expect(body.errors).toBeUndefined();
    for (const node of body.data.accounts.nodes) {
      const own = rows.filter((row) => row.account!.id === node.id);
      expect(node.open).toEqual({ groups: [{ count: own.filter((row) => row.status !== 'PAID').length }] });
      const groups = groupsOf(own, (row) => row.status).sort((a, b) => (a.key < b.key ? 1 : -1));
      expect(node.invoicesAggregate).toEqual({
        __typename: 'InvoiceAggregate',
        groups: groups.map(({ key, rows: of }) => ({
          __typename: 'InvoiceAggregateGroup',
          key: { __typename: 'InvoiceAggregateKey', state: key },
          count: of.length,
          sum: { __typename: 'InvoiceAggregateNumbers', total: decimal(sumOf(of.map((r) => r.total)), 2) },
        })),
      });
    }
    expect(body.data.accounts.nodes).toHaveLength(12);
  });
});
