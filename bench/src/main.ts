import { BackendCpu } from './backend-cpu';
import { PLAIN, RAW, startContestants } from './contestants';
import { type LoadedCounts, loadBillingData } from './data/load-billing-data';
import { seedAccess } from './data/seed-access';
import { openDatabase, sweepFolders } from './database';
import { enter } from './enter';
import { machineFacts } from './machine';
import { type Options, readOptions, USAGE } from './options';
import { questions } from './questions';
import { saveResults, tableOf } from './report';
import { runRounds } from './rounds';
import { countLeaves } from './same-answers';
import { type ServerProcess, startServer } from './server-process';
import type { ServerOrder } from './servers/serve';
import { compareWrites } from './trace/compare-writes';

const POOL_SIZE = 10;

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
    for (const close of toClose.splice(0).reverse())
      await close().catch((error: Error) => console.error(error.message));
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
  await sweepFolders();
  const database = await openDatabase(process.env);
  onEnd(() => database.stop());
  const counts = await loadBillingData(database.ownerUrl, options.invoices);
  console.error(`Loaded ${counts.accounts} accounts, ${counts.invoices} invoices, ${counts.lines} lines.`);

  const order = { databaseUrl: database.gatewayUrl, dataDir: database.dataDir, poolSize: POOL_SIZE };
  if (options.trace) return benchmarkWrites(order, options, counts, database.ownerUrl);
  const start = async (file: string, env?: Record<string, string>): Promise<ServerProcess> => {
    const server = await startServer(file, order, env);
    onEnd(() => server.stop());
    return server;
  };
  const contestants = await startContestants(start, await seedAccess(order));
  const backends = await BackendCpu.open(database.ownerUrl);
  onEnd(() => backends.close());

  const facts = [...(await machineFacts(database.ownerUrl)), dataFact(counts), roundsFact(options)];
  const report = [facts.map((fact) => `- ${fact}`).join('\n')];
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

async function benchmarkWrites(
  order: ServerOrder,
  options: Options,
  counts: LoadedCounts,
  ownerUrl: string,
): Promise<void> {
  const facts = [...(await machineFacts(ownerUrl)), dataFact(counts), roundsFact(options)];
  const report = `${facts.map((fact) => `- ${fact}`).join('\n')}\n\n${await compareWrites(order, options)}`;
  console.log(report);
  if (options.save) saveResults(report, 'last run of writing');
}

function dataFact({ accounts, invoices, lines }: LoadedCounts): string {
  return `${accounts} accounts, ${invoices} invoices, ${lines} lines`;
}

function roundsFact({ rounds, seconds }: Options): string {
  return `${rounds} rounds of ${seconds} seconds each, in turns; medians`;
}
