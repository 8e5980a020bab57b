import { connectionConfig } from '@countersign/api/dist/database/connection';
import { Client } from 'pg';

export const INVOICES_PER_ACCOUNT = 20;
const TABLES = ['account', 'invoice', 'invoice_line'] as const;

export interface LoadedCounts {
  readonly accounts: number;
  readonly invoices: number;
  readonly lines: number;
}

/**
 * Fills the billing tables with accounts, invoices and lines; the same ones for the same number, on every machine. An
 * invoice has one to five lines, three on average.
 *
 * It is the owner who loads, with the triggers for outside writes off: half a million audit entries would say nothing.
 */
export async function loadBillingData(ownerUrl: string, invoices: number): Promise<LoadedCounts> {
  const accounts = Math.max(20, Math.ceil(invoices / INVOICES_PER_ACCOUNT));
  const client = new Client(
    connectionConfig({ url: ownerUrl, applicationName: 'countersign bench data', statementTimeoutMs: 0 }),
  );
  await client.connect();
  try {
    for (const table of TABLES) await client.query(`alter table ${table} disable trigger user`);
    await client.query(ACCOUNTS, [accounts]);
    await client.query(INVOICES, [invoices, accounts]);
    await client.query(LINES, [invoices]);
    for (const table of TABLES) {
      await client.query(`alter table ${table} enable trigger user`);
      await client.query(`vacuum (analyze) ${table}`);
    }
    const { rows } = await client.query<{ lines: string }>('select count(*) as lines from invoice_line');
    return { accounts, invoices, lines: Number(rows[0]?.lines) };
  } finally {
    await client.end();
  }
}

const STAMPS = `timestamptz '2024-01-01 00:00:00Z' + n * interval '1 second'`;

const ACCOUNTS = `
insert into account (id, created_at, updated_at, name, number, region, segment, currency, credit_limit, tax_id, status)
select md5('account ' || n)::uuid, ${STAMPS}, ${STAMPS},
  (array['Alder','Birch','Cedar','Dogwood','Elm','Fir','Ginkgo','Hazel','Juniper','Larch','Maple','Oak'])[1 + h % 12]
    || ' ' || (array['Freight','Foods','Energy','Telecom','Media','Health','Käserei','Mobility'])[1 + h / 12 % 8]
    || ' ' || n,
  'A-' || lpad(n::text, 6, '0'),
  (array['EMEA','AMER','APAC','LATAM'])[1 + h / 96 % 4],
  (array['ENTERPRISE','MID_MARKET','SMALL_BUSINESS','CONSUMER'])[1 + h / 384 % 4],
  'EUR', (1 + h % 500) * 1000, 'TX' || lpad((h % 100000000)::text, 9, '0'),
  case when h % 20 = 0 then 'SUSPENDED' else 'ACTIVE' end
from generate_series(1, $1::int) as n, lateral (select ('x' || substr(md5('hash ' || n), 1, 7))::bit(28)::int as h) as r
order by n`;

/** The lines of an invoice as numbers; also what its totals are made from. */
const LINES_OF = `generate_series(0, n % 5) as p, lateral (select
  1 + (n::bigint * 7919 + p * 104729) % 20 as quantity, 50 + (n::bigint * 15485863 + p * 32452843) % 50000 as cents) as a`;

const INVOICES = `
insert into invoice (id, created_at, updated_at, account_id, number, status, currency, issued_on, due_on,
  subtotal, tax, total, notes)
select md5('invoice ' || n)::uuid, ${STAMPS}, ${STAMPS}, md5('account ' || 1 + n % $2::int)::uuid,
  'INV-' || lpad(n::text, 8, '0'), (array['PAID','PAID','PAID','ISSUED','OVERDUE'])[1 + n % 5], 'EUR',
  issued, issued + 30, subtotal, round(subtotal * 0.2, 2), subtotal + round(subtotal * 0.2, 2),
  case when n % 3 = 0 then 'Agreed by telephone; see order ' || n || '.' end
from generate_series(1, $1::int) as n,
  lateral (select date '2022-01-01' + ('x' || substr(md5('day ' || n), 1, 7))::bit(28)::int % 1000 as issued) as d,
  lateral (select sum(quantity * cents) / 100.0 as subtotal from ${LINES_OF}) as s
order by n`;

const LINES = `
insert into invoice_line (id, created_at, updated_at, invoice_id, position, description, quantity, unit_price, amount)
select md5('line ' || n || ' ' || p)::uuid, ${STAMPS}, ${STAMPS}, md5('invoice ' || n)::uuid, p,
  (array['Data transfer','Storage, per GB','Support plan','Rack space 19"','Voice minutes','Gebühr für Zustellung',
    'Seats'])[1 + (n + p * 3) % 7] || ', month ' || 1 + n % 12,
  quantity, cents / 100.0, quantity * cents / 100.0
from generate_series(1, $1::int) as n, ${LINES_OF}
order by n, p`;
