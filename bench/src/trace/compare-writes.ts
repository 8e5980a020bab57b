import { performance } from 'node:perf_hooks';
import { openCore } from '@countersign/api/dist/compose';
import { connectionConfig } from '@countersign/api/dist/database/connection';
import { Pool } from 'pg';
import { gatewaySettings } from '../gateway-settings';
import type { Options } from '../options';
import { alignedTable, figure, median } from '../report';
import type { ServerOrder } from '../servers/serve';
import { BARE, UNTRACED, type Writer, writeContestants } from './write-contestants';

const WRITERS = 12;
const WARM_UP_SECONDS = 2;

/**
 * Twelve writers change one field of invoices, the contestants taking turns. Gives a Markdown table of rates and ratios;
 * a ratio compares rounds that ran next to each other.
 */
export async function compareWrites(order: ServerOrder, { seconds, rounds, invoices }: Options): Promise<string> {
  const core = await openCore(gatewaySettings({ ...order, poolSize: WRITERS }));
  const pool = new Pool({
    ...connectionConfig({ url: order.databaseUrl, applicationName: 'countersign bench bare' }),
    max: WRITERS,
  });
  try {
    const writers = writeContestants(core, pool);
    const { rows } = await pool.query<{ id: string }>('select id from invoice order by id limit $1', [invoices]);
    const ids = rows.map(({ id }) => id);
    const rates = new Map<string, number[]>(writers.map(({ name }) => [name, []]));
    for (const writer of writers) await drive(writer, ids, Math.min(seconds, WARM_UP_SECONDS));
    for (let round = 0; round < rounds; round += 1) {
      for (const writer of writers) rates.get(writer.name)!.push(await drive(writer, ids, seconds));
    }
    const { rows: kept } = await pool.query<{ n: string; sealed: string }>(
      'select (select count(*) from audit_entry) as n, (select count(*) from audit_leaf) as sealed',
    );
    return `${tableOf(rates)}\n\n${kept[0]!.n} entries at the end, ${kept[0]!.sealed} of them in the signed log.`;
  } finally {
    await pool.end();
    await core.close();
  }
}

let turn = 0;

async function drive(writer: Writer, ids: readonly string[], seconds: number): Promise<number> {
  await writer.begin();
  const begun = performance.now();
  const end = begun + seconds * 1000;
  let written = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      turn += 1;
      // Far apart, so that the writers do not wait for one another.
      await writer.write(ids[(turn * 7919) % ids.length]!, `note ${turn}`);
      written += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, one));
  await writer.end?.();
  return (written * 1000) / (performance.now() - begun);
}

function tableOf(rates: ReadonlyMap<string, readonly number[]>): string {
  const heads = ['', 'changes/s', `÷ ${UNTRACED}`, `÷ ${BARE}`];
  const rows = [...rates].map(([name, own]) => {
    const against = (other: string) => figure(median(own.map((rate, i) => rate / rates.get(other)![i]!)));
    return [name, figure(median(own)), against(UNTRACED), against(BARE)];
  });
  return `**One field of one invoice; ${WRITERS} writers**\n\n${alignedTable([heads, ...rows])}`;
}
