import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ImportOutcome } from '../../src/capabilities/import';
import type { TestPerson } from '../harness/test-gateway';
import { createImportWorld, type ImportWorld } from './import-world';

const ROOT = path.resolve(__dirname, '../../../..');
const DATA = path.resolve(ROOT, '../shared/data/chinook');
const present = existsSync(path.join(DATA, 'invoice.csv'));
const NAMES = ['employee.csv', 'customer.csv', 'track.csv', 'invoice.csv', 'invoice_line.csv'];

const map = (name: string) => readFileSync(path.join(ROOT, 'examples/chinook', name), 'utf8');
const data = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, readFileSync(path.join(DATA, name))]));

const suite = present ? describe : describe.skip;

suite(`the Chinook ledger${present ? '' : ' (skipped: its files are not here)'}`, () => {
  let world: ImportWorld;
  let imported: ImportOutcome;
  let seconds: number;

  beforeAll(async () => {
    world = await createImportWorld();
    const started = performance.now();
    imported = await world.run(map('map.json'), data(NAMES));
    seconds = (performance.now() - started) / 1000;
  });
  afterAll(() => world.gateway.stop());

  test('is imported whole: every customer, invoice and line, and the totals are exact', async () => {
    expect(imported).toEqual({
      kind: 'imported',
      records: { Person: 8, Product: 3503, Account: 59, Contact: 59, Invoice: 412, InvoiceLine: 2240 },
    });
    const [sums] = await world.gateway.sql(
      `select (select sum(total)::text from invoice) as total, (select sum(amount)::text from invoice_line) as lines,
         (select count(*)::int from invoice i where total <> (select sum(amount) from invoice_line l where l.invoice_id = i.id)) as off`,
    );
    expect(sums).toEqual({ total: '2328.60', lines: '2328.60', off: 0 });
    // A generous bound for a busy machine.
    expect(seconds).toBeLessThan(60);
  });

  test('every record leaves a trace in the name of whoever imported it', async () => {
    const rows = await world.gateway.sql(
      `select object_name, count(*)::int as n, bool_and(user_id = '${world.operator.userId}') as own, min(reason) as reason
       from audit_entry where action = 'CREATE' and object_name in ('Invoice', 'InvoiceLine') and user_id is not null
       group by object_name order by 1`,
    );
    const reason = `Import of ${NAMES.join(', ')}`;
    expect(rows).toEqual([
      { object_name: 'Invoice', n: 412, own: true, reason },
      { object_name: 'InvoiceLine', n: 2240, own: true, reason },
    ]);
  });

  test('keeps what a row says: names, dates, texts and who answers for the account', async () => {
    const [invoice] = await world.gateway.sql(
      `select i.number, i.issued_on::text as issued, i.total::text as total, a.name, p.full_name as owner, p.email,
         (select string_agg(l.position || ' ' || l.description, '; ' order by l.position) from invoice_line l where l.invoice_id = i.id) as lines
       from invoice i join account a on a.id = i.account_id join person p on p.id = a.owner_id where i.external_id = 'chinook:invoice:1'`,
    );
    expect(invoice).toMatchObject({
      number: 'CH-1',
      issued: '2021-01-01',
      total: '1.98',
      name: 'Leonie Köhler',
      owner: 'Steve Johnson',
    });
    expect(invoice!.lines).toBe('0 Balls to the Wall; 1 Restless and Wild');
    const [manager] = await world.gateway.sql(
      `select m.full_name as name from person p join person m on m.id = p.manager_id where p.full_name = 'Jane Peacock'`,
    );
    expect(manager).toEqual({ name: 'Nancy Edwards' });
  });

  test('a second run is refused as a whole, and says which key is taken on which line', async () => {
    const before = await world.count('audit_entry');
    const again = await world.run(map('map.json'), data(NAMES));
    expect(again.kind).toBe('refused');
    if (again.kind !== 'refused') return;
    expect(again.total).toBe(59 + 59 + 3503 + 412 + 2240);
    expect(again.problems).toHaveLength(100);
    expect(again.problems[0]).toEqual({
      file: 'customer.csv',
      line: 2,
      column: 'customer_id',
      reason: 'Account with externalId "chinook:customer:1" exists already',
    });
    expect([await world.count('invoice'), await world.count('person'), await world.count('audit_entry')]).toEqual([
      412,
      9,
      before,
    ]);
  });

  test('each support representative sees exactly the invoices of their own customers', async () => {
    const admin = await world.gateway.person({ name: 'Signe Adderholt', audience: 'STAFF', roles: ['security-admin'] });
    const made = await world.run(map('representatives.json'), data(['employee.csv']), { as: admin });
    expect(made).toEqual({ kind: 'imported', records: { User: 3, RoleAssignment: 3 } });
    const { rows } = await world.gateway.core.database.pool.query<{ id: string; person: string; email: string }>(
      `select id, person_id as person, email from app_user where email like '%@chinookcorp.com' order by email`,
    );
    const seen: Record<string, number> = {};
    for (const { id, person, email } of rows) {
      const token = await world.gateway.tokenOf(id);
      const answer = await world.gateway.ask(
        token,
        '{ invoices(first: 100) { totalCount nodes { account { owner { fullName } } } } }',
      );
      expect(answer.body.errors).toBeUndefined();
      const [own] = await world.gateway.sql(
        `select count(*)::int as n from invoice i join account a on a.id = i.account_id where a.owner_id = '${person}'`,
      );
      expect(answer.body.data.invoices.totalCount).toBe(own!.n);
      const owners = answer.body.data.invoices.nodes.map(
        (node: { account: { owner: { fullName: string } } }) => node.account.owner.fullName,
      );
      expect(new Set(owners).size).toBe(1);
      seen[email] = answer.body.data.invoices.totalCount;
    }
    expect(seen).toEqual({
      'jane@chinookcorp.com': 146,
      'margaret@chinookcorp.com': 140,
      'steve@chinookcorp.com': 126,
    });
  });

  test('somebody without the right to enter persons cannot import them, and nothing is written', async () => {
    const analyst: TestPerson = await world.gateway.person({
      name: 'Fenna Ashcroft',
      audience: 'STAFF',
      roles: ['finance-analyst'],
    });
    const file = 'employee_id,last_name,first_name,reports_to,email\n99,Umberby,Zoltan,,zoltan@example.com\n';
    const one = JSON.stringify({ files: { 'employee.csv': JSON.parse(map('map.json')).files['employee.csv'] } });
    await expect(world.run(one, { 'employee.csv': file }, { as: analyst })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const found = await world.gateway.sql(`select 1 from person where full_name = 'Zoltan Umberby'`);
    expect(found).toEqual([]);
  });
});
