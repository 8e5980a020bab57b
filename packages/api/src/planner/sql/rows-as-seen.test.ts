import { type Condition, parseCondition, type RowScope } from '@countersign/policy';
import { Client } from 'pg';
import { sampleCatalogue } from '../../../../policy/test/rows/sample-catalogue';
import { sampleRecords } from '../../../../policy/test/rows/sample-records';
import { createEmptyTestDatabase } from '../../../test/harness';
import { Bindings, fillSampleTables } from '../../../test/planner/sample-tables';
import { RowsAsSeen } from './rows-as-seen';

const ALWAYS: RowScope = { kind: 'always' };
const parsed = (object: string, json: unknown): Condition =>
  parseCondition(sampleCatalogue, object, json, { allowPrincipal: true });
const RULES = new Map([
  ['Account', new Map([['creditLimit', parsed('Account', { region: { eq: '$principal.region' } })]])],
  ['Invoice', new Map([['account', parsed('Invoice', { account: { region: { eq: 'EMEA' } } })]])],
]);

function printing(cells = RULES) {
  const bindings = new Bindings();
  const rows = new RowsAsSeen(sampleCatalogue, { operand: bindings.bind }, cells, bindings.freshAlias);
  return { rows, bindings };
}

test('an object without a rule that is used is printed as its table', () => {
  const { rows } = printing(new Map());
  expect(rows.of('Account', ALWAYS, 't')).toEqual({ from: 'sample_accounts t', where: [] });
});

test('an object with a rule is printed with every member once, the one under the rule as a case, its scope inside', () => {
  const { rows } = printing();
  const scope: RowScope = { kind: 'only-where', condition: parsed('Account', { creditLimit: { gt: '1.00' } }) };
  const { from, where } = rows.of('Account', scope, 't');
  expect(from).toBe(
    '(select s1.id,s1.version,s1.region,s1.segment,case when s1.region = $1::text then s1.credit_limit end as credit_limit,' +
      's1.rank,s1.active,s1.since,s1.seen_at,s1.extra,s1.owner_id from sample_accounts s1' +
      ' where s1.credit_limit > $2::numeric) t',
  );
  expect(where).toEqual([]);
});

describe('what PostgreSQL makes of it', () => {
  let client: Client;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const database = await createEmptyTestDatabase();
    drop = () => database.drop();
    client = new Client({ connectionString: database.ownerUrl });
    await client.connect();
    await fillSampleTables(client, sampleRecords(1));
    await client.query('create index on sample_accounts (rank, id); set enable_seqscan=off; set enable_sort=off');
  });
  afterAll(async () => {
    await client?.end();
    await drop?.();
  });

  async function planOf(print: (rows: RowsAsSeen) => string): Promise<string> {
    const { rows, bindings } = printing();
    const text = print(rows);
    const answer = await client.query(`explain ${text}`, bindings.values);
    return answer.rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  test('the subquery is pulled up, and an index gives the order and finds the record as without rules', async () => {
    const ordered = await planOf(
      (rows) =>
        `select t.credit_limit from ${rows.of('Account', ALWAYS, 't').from} where t.rank > 1 order by t.rank, t.id limit 5`,
    );
    expect(ordered).not.toContain('Subquery Scan');
    expect(ordered).toMatch(/Index (Only )?Scan using sample_accounts_rank_id_idx/);
  });

  test('a client’s step into an object with rules is still a join', async () => {
    const scopes = new Map([['Account', ALWAYS]]);
    const condition = parsed('InvoiceLine', { invoice: { amount: { gt: '1.00' }, account: { rank: { gt: 1 } } } });
    const plan = await planOf((rows) => {
      const where = rows.condition('InvoiceLine', condition, new Map([...scopes, ['Invoice', ALWAYS]]), 't');
      return `select t.id from sample_invoice_lines t where ${where}`;
    });
    expect(plan).toMatch(/Join|Nested Loop/);
    expect(plan).not.toContain('Subquery Scan');
  });
});
