import { readFileSync } from 'node:fs';
import { Client } from 'pg';

/**
 * Measures how much processor time the database spent for one server, which names its connections. Null where the
 * database is on another machine, or the machine does not tell.
 */
export class BackendCpu {
  private constructor(private readonly client: Client) {}

  static async open(databaseUrl: string): Promise<BackendCpu> {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    return new BackendCpu(client);
  }

  /** Milliseconds that each connection of an application has used since it was opened, by process. */
  async times(applicationName: string): Promise<ReadonlyMap<number, number> | null> {
    const { rows } = await this.client.query<{ pid: number }>(
      'select pid from pg_stat_activity where application_name = $1',
      [applicationName],
    );
    try {
      return new Map(rows.map(({ pid }) => [pid, cpuMsOf(pid)]));
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** What was used between two readings. Connections come and go meanwhile: one that is new counts from its beginning. */
export function spentBetween(
  before: ReadonlyMap<number, number> | null,
  after: ReadonlyMap<number, number> | null,
): number | null {
  if (before === null || after === null) return null;
  return [...after].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? 0), 0);
}

/** The first figure is nanoseconds on a processor: exact, where the ticks of `stat` miss short bursts. */
function cpuMsOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}
