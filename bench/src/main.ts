import { connectionConfig } from '@countersign/api/dist/database/connection';
import { Client } from 'pg';
import { BackendCpu } from './backend-cpu';
import { type LoadedCounts, loadBillingData } from './data/load-billing-data';
import { seedAccess } from './data/seed-access';
import { type BenchUser, signIn } from './data/sign-in';
import { openDatabase } from './database';
import { machineFacts } from './machine';
import { type Options, readOptions, USAGE } from './options';
import { oneInvoice, overview, type Query, REGIONS, requestBody } from './queries';
import { saveResults, tableOf } from './report';
import { type Contestant, type Entry, runRounds } from './rounds';
import { countLeaves, sameAnswers } from './same-answers';
import { type ServerProcess, startServer } from './server-process';

const POOL_SIZE = 10;
/** Point reads ask for so many different invoices in turn. */
const INVOICES_ASKED = 200;
/** What the others are compared with. */
const [PLAIN, RAW] = ['plain', 'raw pg'];

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
  const users = await seedAccess(order);
  const gateway = await start('gateway-server.js');
  const plain = await start('plain-server.js', { BENCH_NAME: 'bench plain' });
  const tuned = await start('plain-server.js', { BENCH_NAME: 'bench plain tuned', BENCH_TUNED: 'yes' });
  const raw = await start('raw-server.js');
  const as = (user: BenchUser) => ({
    process: gateway,
    applicationName: 'countersign',
    headers: () => signIn(gateway.port, user),
  });
  const nobody = { headers: async () => ({}) };
  const contestants: Contestant[] = [
    { name: 'gateway', ...as(users.limited) },
    { name: PLAIN, process: plain, applicationName: 'bench plain', ...nobody },
    { name: RAW, process: raw, applicationName: 'bench raw', ...nobody },
    { name: 'plain, tuned', process: tuned, applicationName: 'bench plain tuned', ...nobody },
    { name: 'gateway, scope open', ...as(users.open) },
    { name: 'gateway, with cursors', ...as(users.limited), paged: true },
  ];
  const backends = await BackendCpu.open(database.ownerUrl);
  onEnd(() => backends.close());

  const report = [(await machineFacts(database.ownerUrl)).concat(dataFact(counts)).map((fact) => `- ${fact}`).join('\n')];
  console.log(report[0]);
  for (const question of await questions(database.ownerUrl)) {
    for (const clients of options.clients) {
      const entries = await enter(contestants, question);
      const rounds = await runRounds(entries, { ...options, clients }, backends);
      const leaves = countLeaves(entries[0]!.answers[0]!);
      report.push(tableOf({ title: question.query.title, clients, leaves, rounds }, [PLAIN, RAW]));
      console.log(`\n${report.at(-1)}`);
    }
  }
  if (options.save) saveResults(report.join('\n\n'));
}

/** Signs everybody in, asks each the question and checks that all answer alike. */
async function enter(contestants: readonly Contestant[], { query, variables }: Question): Promise<Entry[]> {
  const asked = await Promise.all(
    contestants
      .filter(({ paged }) => !paged || query.pagedDocument)
      .map(async (contestant) => {
        const document = contestant.paged ? query.pagedDocument! : query.document;
        const requests = variables.map((values) => requestBody(query.name, document, values));
        return { ...contestant, requests, sent: await contestant.headers() };
      }),
  );
  const answers = await sameAnswers(asked.map((one) => ({ ...one, port: one.process.port, headers: one.sent })));
  return asked.map((one) => ({ ...one, answers: answers.get(one.name)! }));
}

interface Question {
  readonly query: Query;
  /** One request each. */
  readonly variables: readonly Readonly<Record<string, unknown>>[];
}

/** The invoices asked for are picked out of the regions that the limited user may see. */
async function questions(ownerUrl: string): Promise<Question[]> {
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

function dataFact({ accounts, invoices, lines }: LoadedCounts): string {
  return `${accounts} accounts, ${invoices} invoices, ${lines} lines`;
}
