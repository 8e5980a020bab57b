import { type Condition, parseCondition } from '@countersign/policy';
import { Client } from 'pg';
import { sampleCatalogue } from '../../../../policy/test/rows/sample-catalogue';
import { sampleRecords } from '../../../../policy/test/rows/sample-records';
import { createEmptyTestDatabase } from '../../../test/harness';
import { Bindings, fillSampleTables } from '../../../test/planner/sample-tables';
import { type ConditionPrinting, printCondition } from './condition-sql';

describe('the printed text', () => {
  const printed = (object: string, json: unknown, more: Partial<ConditionPrinting> = {}) => {
    const bindings = new Bindings();
    const condition = parseCondition(sampleCatalogue, object, json, { allowPrincipal: true });
    return printCondition(condition, bindings.printing(object, 't', more));
  };

  test('compares whole columns with typed placeholders and nothing else', () => {
    const json = {
      amount: { gte: '10.00' },
      status: { in: ['PAID'] },
      or: [{ dueOn: { isNull: true } }, { dueOn: { lt: '2024-01-01' } }],
    };
    expect(printed('Invoice', json)).toBe(
      '(t.amount >= $1::numeric and t.status = any($2::text[]) and (t.due_on is null or t.due_on < $3::date))',
    );
    const text = { region: { contains: '%', startsWith: 'E' } };
    expect(printed('Account', text)).toBe('(strpos(t.region, $1::text) > 0 and starts_with(t.region, $2::text))');
  });

  test('takes a step to a parent that is asked for its id alone by the foreign key', () => {
    expect(printed('Invoice', { account: { id: { eq: '$principal.accountId' } } })).toBe(
      '(t.account_id is not null and t.account_id = $1::uuid)',
    );
    expect(printed('Invoice', { account: {} })).toBe('t.account_id is not null');
    expect(
      printed('Invoice', { account: {} }, { rows: (target, alias) => ({ from: `${target} ${alias}`, where: [] }) }),
    ).toContain('exists');
  });

  test('pushes a negation through a step to a parent, and around a step to children', () => {
    expect(printed('Invoice', { not: { account: { region: { eq: 'EMEA' } } } })).toBe(
      'exists (select 1 from sample_accounts s1 where s1.id = t.account_id and not (s1.region = $1::text))',
    );
    expect(printed('Account', { not: { invoices: { some: { status: { eq: 'PAID' } } } } })).toBe(
      'not exists (select 1 from sample_invoices s1 where s1.account_id = t.id and s1.status = $1::text)',
    );
  });

  test('asks a hidden parent and a missing one alike', () => {
    const hides = {
      rows: (_target: string, alias: string) => ({ from: `sample_accounts ${alias}`, where: [`${alias}.visible`] }),
    };
    expect(printed('Invoice', { account: { isNull: true } }, hides)).toBe(
      'not exists (select 1 from sample_accounts s1 where s1.id = t.account_id and s1.visible)',
    );
  });

  test('lets PostgreSQL join a long chain of scopes instead of asking for each row', async () => {
    const database = await createEmptyTestDatabase();
    const client = new Client({ connectionString: database.ownerUrl });
    await client.connect();
    await fillSampleTables(client, sampleRecords(1));
    const bindings = new Bindings();
    const json = { invoice: { account: { region: { eq: 'EMEA' } } } };
    const condition = parseCondition(sampleCatalogue, 'InvoiceLine', json, { allowPrincipal: true });
    const where = printCondition(condition, bindings.printing('InvoiceLine'));
    const statement = `explain select t.id from sample_invoice_lines t where ${where}`;
    const { rows } = await client.query(statement, bindings.values);
    await client.end();
    await database.drop();
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Join/);
    expect(plan).not.toMatch(/SubPlan/);
  });

  test('refuses names that the catalogue does not know', () => {
    const eq: Condition = {
      kind: 'compare',
      field: 'id or true',
      operator: 'eq',
      operand: { from: 'literal', value: 'x' },
    };
    const bindings = new Bindings();
    expect(() => printCondition(eq, bindings.printing('Account'))).toThrow('has no field');
    expect(() => printCondition(eq, bindings.printing('Account', 't; drop'))).toThrow('not a usable alias');
    const step: Condition = { kind: 'step', relation: 'invoices', quantifier: 'one', of: eq };
    expect(() => printCondition(step, bindings.printing('Account'))).toThrow('cannot be stepped through');
  });
});
