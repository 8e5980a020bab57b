import { Client } from 'pg';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

/*
 * Reading a long log: TRACES=10000000 makes it the longest. Entries are made by the owner, in the form that the gateway
 * writes, over some 20,000 invoices; nothing is asserted about time, only that no question walks the whole log.
 */
const TRACES = Number(process.env.TRACES ?? 1_000_000);
const INVOICES = 19_997;
const BATCH = 500_000;
const START = '2025-01-01T00:00:00.000Z';

let gateway: TestGateway;
let ledger: SampleLedger;

beforeAll(async () => {
  gateway = await startTestGateway({ settings: { STATEMENT_TIMEOUT_MS: '120000' } });
  ledger = await sampleLedger(gateway);
  await gateway.lines([
    ...['at', 'action', 'objectName', 'recordId', 'userId', 'personId', 'reason'].map((field) => {
      return { role: 'support', object: 'AuditEntry', field, action: 'SEE_CLEAR' };
    }),
    { role: 'support', object: 'PaymentMethod', field: 'number', action: 'SEE_MASKED' },
  ]);
  await fill();
}, 3_600_000);
afterAll(() => gateway.stop());

async function fill(): Promise<void> {
  const owner = new Client({ connectionString: gateway.database.ownerUrl, options: '-c search_path=countersign' });
  await owner.connect();
  await owner.query('alter table invoice disable trigger user');
  await owner.query(
    `insert into invoice (id, account_id, number, status, currency, issued_on, due_on, subtotal, tax, total, notes)
     select md5('many ' || n)::uuid, ($2::uuid[])[1 + n % 12], 'M-' || n, 'ISSUED', 'EUR', '2025-01-01', '2025-02-01', 1, 0, 1, 'last'
     from generate_series(1, $1::int) n`,
    [INVOICES, ledger.accountIds],
  );
  await owner.query('alter table invoice enable trigger user');
  const begun = Date.now();
  for (let from = 1; from <= TRACES; from += BATCH) {
    await owner.query(ENTRIES, [
      from,
      Math.min(TRACES, from + BATCH - 1),
      INVOICES,
      ledger.support.userId,
      ledger.support.personId,
      START,
    ]);
  }
  await owner.query('analyze audit_entry, audit_value, invoice');
  const { rows } = await owner.query(`select pg_size_pretty(pg_total_relation_size('audit_entry')) as entries,
    pg_size_pretty(pg_indexes_size('audit_entry')) as indexes, pg_size_pretty(pg_total_relation_size('audit_value')) as values`);
  console.info(`${TRACES} entries in ${Math.round((Date.now() - begun) / 1000)} s: ${JSON.stringify(rows[0])}`);
  await owner.end();
}

/** Of a hundred: one denial, two protected reads, the others changes of notes. One person in fifty is support. */
const ENTRIES = `
with made as (
  select n, timestamptz '2025-01-01T00:00:00Z' + n * interval '3 ms' as at, md5('many ' || 1 + n % $3::int)::uuid as record,
    case when n % 100 = 0 then 'DENIED' when n % 100 in (3, 51) then 'READ' else 'UPDATE' end as action,
    n % 50 = 7 as own from generate_series($1::int, $2::int) n
), entries as (
  select *, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8'
      || substr(md5(n::text), 1, 15))::uuid as id,
    case action when 'UPDATE' then jsonb_build_object('notes', jsonb_build_array('note ' || n - 1, 'note ' || n),
      'updatedAt', jsonb_build_array($6::text, $6::text), 'version', jsonb_build_array(n, n + 1))
      when 'READ' then jsonb_build_object('coordinates', '[null, ["Invoice.notes"]]'::jsonb, 'count', '[null, 1]'::jsonb,
      'records', jsonb_build_array(null, jsonb_build_array(record)))
      else jsonb_build_object('coordinate', '[null, "Account.taxId"]'::jsonb, 'source', '[null, "10.0.0.1"]'::jsonb) end as slots
  from made
), written as (
  insert into audit_entry (id, at, action, object_name, record_id, user_id, person_id, request_id, policy_version, outside,
      reason, header, commitments, code)
  select id, at, action, case action when 'DENIED' then 'Account' else 'Invoice' end,
    case action when 'UPDATE' then record end, case when own then $4::uuid else md5('u' || n % 500)::uuid end,
    case when own then $5::uuid else md5('p' || n % 500)::uuid end, id::text, 4, false, null,
    format('{"action":"%s","at":"%s","breakGlass":false,"client":null,"code":null,"id":"%s","object":"Invoice","onBehalfOf":null,"outside":false,"person":"%s","policyVersion":4,"reason":null,"record":"%s","request":"%s","session":null,"slots":["notes","updatedAt","version"],"user":"%s","v":2}',
      action, at, id, id, record, id, id),
    sha256(int4send(n)) || sha256(int4send(n + 1)) || sha256(int4send(n + 2)), case action when 'DENIED' then 'FIELD_FORBIDDEN' end
  from entries)
insert into audit_value (entry_id, slots, salts)
select id, slots, sha256(int4send(-n)) || sha256(int4send(1 - n)) || sha256(int4send(2 - n)) from entries`;

interface Measured {
  readonly nodes: number;
  readonly ms: number;
  readonly planned: string;
  readonly scans: string[];
}

/** Asks over HTTP, several times, and has the database explain the statement that answered. */
async function measure(person: TestPerson, root: string): Promise<Measured> {
  const { pool } = gateway.core.database;
  const original = pool.query;
  let asked: { text: string; values: unknown[] } | null = null;
  (pool as { query: unknown }).query = (...args: unknown[]) => {
    if (typeof args[0] === 'string' && args[0].includes('as found from authority_head'))
      asked = { text: args[0], values: args[1] as unknown[] };
    return (original as (...given: unknown[]) => unknown).apply(pool, args);
  };
  const times: number[] = [];
  let nodes = 0;
  for (let i = 0; i < 5; i += 1) {
    const begun = performance.now();
    const { body } = await gateway.ask(person.token, `{ found: ${root} { nodes { at } } }`);
    times.push(performance.now() - begun);
    expect(body.errors).toBeUndefined();
    nodes = body.data.found.nodes.length;
  }
  pool.query = original;
  const { text, values } = asked!;
  const { rows } = await pool.query<{ 'QUERY PLAN': { 'Execution Time': number; Plan: PlanNode }[] }>(
    `explain (analyze, format json) ${text}`,
    values,
  );
  const [plan] = rows[0]!['QUERY PLAN'];
  const median = times.sort((a, b) => a - b)[2]!;
  return { nodes, ms: median, planned: plan!['Execution Time'].toFixed(1), scans: wholeScans(plan!.Plan) };
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: PlanNode[];
}

function wholeScans(node: PlanNode): string[] {
  const own = node['Node Type'] === 'Seq Scan' && /^audit_(entry|value)/.test(node['Relation Name'] ?? '');
  return [...(own ? [String(node['Relation Name'])] : []), ...(node.Plans ?? []).flatMap(wholeScans)];
}

test('no question walks the whole log', async () => {
  const [{ id: own } = { id: '' }] = await gateway.sql(
    `select i.id from invoice i join account a on a.id = i.account_id where i.number like 'M-%04' and a.region = 'EMEA' limit 1`,
  );
  const middle = new Date(Date.parse(START) + (TRACES / 2) * 3).toISOString();
  const [{ request } = { request: '' }] = await gateway.sql(
    `select request_id as request from audit_entry where at >= '${middle}' order by at, id limit 1`,
  );
  const both: [string, string][] = [
    ['the newest of an object', 'auditSearch(input: { object: "Invoice" })'],
    ['from the middle of the log', `auditSearch(input: { object: "Invoice", until: "${middle}" })`],
    ['a record’s timeline', `auditTimeline(object: "Invoice", id: "${own}")`],
    ['a field’s history', `auditFieldHistory(object: "Invoice", id: "${own}", field: "notes")`],
    ['by a person', `auditSearch(input: { object: "Invoice", personId: "${ledger.support.personId}" })`],
    ['who read a record', `auditReaders(object: "Invoice", id: "${own}")`],
  ];
  const everything: [string, string][] = [
    ['the newest', 'auditSearch(input: {})'],
    ['refusals in the middle', `auditSearch(input: { outcome: REFUSED, until: "${middle}" })`],
    ['by a request', `auditSearch(input: { requestId: "${request}" })`],
    [
      'text within a minute',
      `auditSearch(input: { text: "note ${Math.floor(TRACES / 2) - 501}", until: "${middle}", from: "${new Date(Date.parse(middle) - 60_000).toISOString()}" })`,
    ],
  ];
  const questions: [TestPerson, string, string, string][] = [
    ...both.map(([name, root]): [TestPerson, string, string, string] => [ledger.admin, 'all', name, root]),
    ...everything.map(([name, root]): [TestPerson, string, string, string] => [ledger.admin, 'all', name, root]),
    ...both.map(([name, root]): [TestPerson, string, string, string] => [ledger.support, 'EMEA', name, root]),
  ];
  const lines: string[] = [];
  const whole: string[] = [];
  for (const [person, reader, name, root] of questions) {
    const { nodes, ms, planned, scans } = await measure(person, root);
    lines.push(
      `${reader.padEnd(5)} ${name.padEnd(28)} ${String(nodes).padStart(4)} entries  ${ms.toFixed(1).padStart(7)} ms over HTTP  ${planned.padStart(7)} ms in PostgreSQL`,
    );
    if (scans.length > 0) whole.push(`${reader} ${name}: ${scans}`);
    if (nodes === 0) whole.push(`${reader} ${name} finds nothing`);
  }
  console.info(`${TRACES} entries\n${lines.join('\n')}`);
  expect(whole).toEqual([]);
});
