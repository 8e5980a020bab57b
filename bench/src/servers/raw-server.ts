import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPool } from '@countersign/api/dist/database/connection';
import { serve } from './serve';

/*
 * The floor: no GraphQL, no ORM, no policy. One hand-written, prepared statement a request makes the JSON in the database;
 * the process hands its text on.
 */

const OVERVIEW = `
select json_build_object('data', json_build_object('accounts', json_build_object('nodes',
  coalesce(json_agg(json_build_object('id', a.id, 'name', a.name, 'region', a.region, 'status', a.status,
    'invoices', json_build_object('nodes', i.nodes)) order by a.name, a.id), '[]'::json))))::text as body
from (select id, name, region, status from account where region = any($1::text[]) order by name, id limit 20) a,
lateral (
  select coalesce(json_agg(json_build_object('id', i.id, 'number', i.number, 'issuedOn', i.issued_on,
    'total', i.total::text, 'lines', json_build_object('nodes', l.nodes)) order by i.issued_on desc, i.id),
    '[]'::json) as nodes
  from (select id, number, issued_on, total from invoice where account_id = a.id
    order by issued_on desc, id limit 10) i,
  lateral (
    select coalesce(json_agg(json_build_object('description', l.description, 'amount', l.amount::text)
      order by l.position, l.id), '[]'::json) as nodes
    from (select id, position, description, amount from invoice_line where invoice_id = i.id
      order by position, id limit 10) l
  ) l
) i`;

const ONE_INVOICE = `
select json_build_object('data', json_build_object('invoice', (
  select json_build_object('id', id, 'number', number, 'status', status, 'currency', currency, 'issuedOn', issued_on,
    'dueOn', due_on, 'subtotal', subtotal::text, 'tax', tax::text, 'total', total::text, 'notes', notes)
  from invoice where id = $1::uuid)))::text as body`;

interface Request {
  readonly operationName: string;
  readonly variables: { readonly regions?: readonly string[]; readonly id?: string };
}

serve(async ({ databaseUrl, poolSize }) => {
  const pool = createPool({
    url: databaseUrl,
    applicationName: process.env.BENCH_NAME ?? 'bench raw',
    max: poolSize,
    onError: (error) => console.error(error),
  });

  const answer = async (incoming: IncomingMessage): Promise<string> => {
    const { operationName, variables } = JSON.parse(await bodyOf(incoming)) as Request;
    const statement =
      operationName === 'Overview'
        ? { name: 'overview', text: OVERVIEW, values: [variables.regions] }
        : { name: 'one-invoice', text: ONE_INVOICE, values: [variables.id] };
    const { rows } = await pool.query<{ body: string }>(statement);
    return rows[0]!.body;
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming).then(
      (body) => outgoing.setHeader('content-type', 'application/json; charset=utf-8').end(body),
      (error: unknown) => outgoing.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await pool.end();
    },
  };
});

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
