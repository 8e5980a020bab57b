import { readFileSync } from 'node:fs';
import { Client } from 'pg';

/** Linux counts the time of a process in hundredths of a second, whatever its own clock. */
const TICK_MS = 10;

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
      return new Map(rows.map(({ pid }) => [pid, ticksOf(pid) * TICK_MS]));
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

function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold anything; fields 14 and 15 of proc(5) are user and system time.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
