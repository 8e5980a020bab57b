import { fork } from 'node:child_process';
import path from 'node:path';
import type { BackendCpu } from './backend-cpu';
import type { LoadOrder, LoadResult } from './load/load-process';
import { ask, type ServerProcess } from './server-process';

/** One column of the table: a server, asked as somebody. */
export interface Contestant {
  readonly name: string;
  readonly process: ServerProcess;
  /** By which the database knows its connections. */
  readonly applicationName: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Case {
  readonly title: string;
  readonly clients: number;
  readonly requests: readonly string[];
  /** By contestant. */
  readonly answers: ReadonlyMap<string, readonly string[]>;
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
  contestants: readonly Contestant[],
  asked: Case,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  backends: BackendCpu,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const load = fork(path.join(__dirname, 'load', 'load-process.js'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const results = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  const drive = (contestant: Contestant, length: number) => {
    const order: LoadOrder = {
      port: contestant.process.port,
      headers: contestant.headers,
      requests: asked.requests,
      answers: asked.answers.get(contestant.name)!,
      clients: asked.clients,
      seconds: length,
    };
    return ask<LoadResult>(load, order);
  };
  try {
    for (const contestant of contestants) await drive(contestant, Math.min(WARM_UP_SECONDS, seconds));
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of contestants) {
        const spent = await spending(contestant, backends);
        const result = await drive(contestant, seconds);
        const { server, database } = await spent();
        results.get(contestant.name)!.push({
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
  const [server, database] = [await process.cpuMs(), await backends.ms(applicationName)];
  return async () => {
    const [serverNow, databaseNow] = [await process.cpuMs(), await backends.ms(applicationName)];
    return {
      server: serverNow - server,
      database: database === null || databaseNow === null ? null : databaseNow - database,
    };
  };
}
