import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { Client } from 'pg';

/** What the figures depend on and a reader cannot know. */
export async function machineFacts(databaseUrl: string): Promise<readonly string[]> {
  const cpus = os.cpus();
  const load = os.loadavg()[0]!.toFixed(1);
  return [
    `${cpus.length} × ${cpus[0]?.model.trim() ?? 'processor'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}`,
    `Node ${process.versions.node}, PostgreSQL ${await serverVersion(databaseUrl)}`,
    `database, servers and load on the same machine; load average ${load} before the first round`,
    `commit ${commit()}, ${new Date().toISOString().slice(0, 10)}`,
  ];
}

async function serverVersion(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? '?';
  } finally {
    await client.end();
  }
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: __dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') ? ' with local changes' : ''}`;
  } catch {
    return 'unknown';
  }
}
