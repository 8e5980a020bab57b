import { fork } from 'node:child_process';
import path from 'node:path';
import { type BackendCpu, spentBetween } from './backend-cpu';
import type { LoadOrder, LoadResult } from './load/load-process';
import type { Query } from './queries';
import { ask, type ServerProcess } from './server-process';

/** One column of the table: a server, asked as somebody. */
export interface Contestant {
  readonly name: string;
  readonly process: ServerProcess;
  /** By which the database knows its connections. */
  readonly applicationName: string;
  /** What its requests carry besides; asked for before each round, because tokens end. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** Which variant of the documents it is asked; the plain one unless said. */
  readonly asks?: keyof Query['variants'];
}

/** A contestant with what it is asked, and the answers that were checked. */
export interface Entry extends Contestant {
  readonly requests: readonly string[];
  readonly answers: readonly string[];
}

export interface Round extends LoadResult {
  /** Processor time a request, in milliseconds: of the server, and of the database where it can be told. */
  readonly serverCpu: number;
  readonly databaseCpu: number | null;
}

const WARM_UP_SECONDS = 2;

/**
 * Runs the rounds of one case, the contestants taking turns: A B C A B C …, so that a machine that slows down slows all
 * of them. Each is warmed up first. Throws when an answer is not the one that was checked.
 */
export async function runRounds(
  entries: readonly Entry[],
  { clients, rounds, seconds }: { readonly clients: number; readonly rounds: number; readonly seconds: number },
  backends: BackendCpu,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const load = fork(path.join(__dirname, 'load', 'load-process.js'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const results = new Map<string, Round[]>(entries.map(({ name }) => [name, []]));
  const drive = ({ process, requests, answers }: Entry, headers: LoadOrder['headers'], length: number) => {
    const order: LoadOrder = { port: process.port, headers, requests, answers, clients, seconds: length };
    return ask<LoadResult>(load, order);
  };
  try {
    for (const entry of entries) await drive(entry, await entry.headers(), Math.min(WARM_UP_SECONDS, seconds));
    for (let round = 0; round < rounds; round += 1) {
      for (const entry of entries) {
        const headers = await entry.headers();
        const spent = await spending(entry, backends);
        const result = await drive(entry, headers, seconds);
        const { server, database } = await spent();
        results.get(entry.name)!.push({
          ...result,
          serverCpu: server / result.requests,
          databaseCpu: database === null ? null : database / result.requests,
        });
      }
    }
  } finally {
    load.disconnect();
  }
  return results;
}

/** Notes the processor times now; the function it gives tells what was used since. */
async function spending({ process, applicationName }: Contestant, backends: BackendCpu) {
  const [server, database] = [await process.cpuMs(), await backends.times(applicationName)];
  return async () => ({
    server: (await process.cpuMs()) - server,
    database: spentBetween(database, await backends.times(applicationName)),
  });
}
