import { connectionConfig } from '@countersign/api/dist/database/connection';
import { Client } from 'pg';
import { BackendCpu } from './backend-cpu';
import { loadBillingData } from './data/load-billing-data';
import { openDatabase } from './database';
import { machineFacts } from './machine';
import { type Options, readOptions, USAGE } from './options';
import { oneInvoice, overview, REGIONS, requestBody } from './queries';
import { type CaseResult, tableOf } from './report';
import { type Contestant, runRounds } from './rounds';
import { countLeaves, sameAnswers } from './same-answers';
import { type ServerProcess, startServer } from './server-process';

const POOL_SIZE = 10;
/** Point reads ask for so many different invoices in turn. */
const INVOICES_ASKED = 200;

main().catch((error: Error) => {
  console.error(error.stack);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const toClose: (() => Promise<unknown>)[] = [];
  const closing = async () => {
    for (const close of toClose.splice(0).reverse()) await close().catch((error: Error) => console.error(error.message));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void closing().finally(() => process.exit(130)));
  }
  try {
    await benchmark(options, (close) => toClose.push(close));
  } finally {
    await closing();
  }
}

async function benchmark(options: Options, onEnd: (close: () => Promise<unknown>) => void): Promise<void> {
  const database = await openDatabase(process.env);
  onEnd(() => database.stop());
  const counts = await loadBillingData(database.ownerUrl, options.invoices);
  console.error(`Loaded ${counts.accounts} accounts, ${counts.invoices} invoices, ${counts.lines} lines.`);

  const order = { databaseUrl: database.gatewayUrl, dataDir: database.dataDir, poolSize: POOL_SIZE };
  const start = async (file: string, env?: Record<string, string>): Promise<ServerProcess> => {
    const server = await startServer(file, order, env);
    onEnd(() => server.stop());
    return server;
  };
  const plain = await start('plain-server.js', { BENCH_NAME: 'bench plain' });
  const tuned = await start('plain-server.js', { BENCH_NAME: 'bench plain tuned', BENCH_TUNED: 'yes' });
  const raw = await start('raw-server.js');
  const contestants: Contestant[] = [
    { name: 'plain', process: plain, applicationName: 'bench plain', headers: {} },
    { name: 'plain, tuned', process: tuned, applicationName: 'bench plain tuned', headers: {} },
    { name: 'raw pg', process: raw, applicationName: 'bench raw', headers: {} },
  ];
  const backends = await BackendCpu.open(database.ownerUrl);
  onEnd(() => backends.close());

  const facts = await machineFacts(database.ownerUrl);
  console.log(facts.map((fact) => `- ${fact}`).join('\n'));
  const asked = contestants.map(({ name, process, headers }) => ({ name, port: process.port, headers }));
  const results: CaseResult[] = [];
  for (const { query, requests } of await questions(database.ownerUrl)) {
    const answers = await sameAnswers(asked, requests);
    const leaves = countLeaves([...answers.values()][0]![0]!);
    for (const clients of options.clients) {
      const rounds = await runRounds(contestants, { title: query.title, clients, requests, answers }, options, backends);
      results.push({ title: query.title, clients, leaves, rounds });
      console.log(`\n${tableOf(results.at(-1)!, ['plain', 'raw pg'])}`);
    }
  }
}

/** The bodies of all requests. The invoices are picked out of the regions that the limited user may see. */
async function questions(ownerUrl: string) {
  const client = new Client(connectionConfig({ url: ownerUrl, applicationName: 'countersign bench' }));
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `select i.id from invoice i join account a on a.id = i.account_id where a.region = any($1)
       order by md5(i.id::text) limit $2`,
      [REGIONS, INVOICES_ASKED],
    );
    return [
      { query: overview, requests: [requestBody(overview, { regions: REGIONS })] },
      { query: oneInvoice, requests: rows.map(({ id }) => requestBody(oneInvoice, { id })) },
    ];
  } finally {
    await client.end();
  }
}
