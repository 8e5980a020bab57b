import { connectionConfig } from '@countersign/api/dist/database/connection';
import { Client } from 'pg';
import { oneInvoice, overview, type Query, REGIONS } from './queries';

/** Point reads ask for so many different invoices in turn. */
const INVOICES_ASKED = 200;

export interface Question {
  readonly query: Query;
  /** One request each. */
  readonly variables: readonly Readonly<Record<string, unknown>>[];
}

/** All that is asked. The invoices are picked out of the regions that the limited user may see. */
export async function questions(ownerUrl: string): Promise<Question[]> {
  const client = new Client(connectionConfig({ url: ownerUrl, applicationName: 'countersign bench' }));
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `select i.id from invoice i join account a on a.id = i.account_id where a.region = any($1)
       order by md5(i.id::text) limit $2`,
      [REGIONS, INVOICES_ASKED],
    );
    return [
      { query: overview, variables: [{ regions: REGIONS }] },
      { query: oneInvoice, variables: rows },
    ];
  } finally {
    await client.end();
  }
}
