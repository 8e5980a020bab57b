import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { isRunning } from '../../src/database/embedded/process-state';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
  stopEmbeddedPostgres,
} from '../../src/database/embedded/start-embedded-postgres';
import { makeFolder } from '../harness';
import { testFolder } from '../harness/test-folder';

interface Started {
  readonly child: ChildProcess;
  readonly attached: boolean;
  readonly gatewayUrl: string;
}

const copiesIn = () => testFolder();
const start = (dataDir: string) => startEmbeddedPostgres({ dataDir, copiesIn: copiesIn(), durable: false });

async function startInChild(dataDir: string): Promise<Started> {
  const child = fork(path.join(__dirname, 'start-in-child.ts'), [dataDir, copiesIn()], {
    execArgv: ['-r', 'esbuild-register'],
  });
  const [said] = (await once(child, 'message')) as [Omit<Started, 'child'>];
  return { child, ...said };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function letGo(child: ChildProcess): Promise<void> {
  child.send('let go');
  await once(child, 'exit');
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const postmasterFile = (dataDir: string) => path.join(dataDir, 'postgres', 'data', 'postmaster.pid');
const postmaster = (dataDir: string) => Number(readFileSync(postmasterFile(dataDir), 'utf8').split('\n')[0]);

describe('the embedded PostgreSQL', () => {
  let dataDir: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    // Deeper than what exists: the folders in between have to let the server's account pass.
    dataDir = path.join(makeFolder('launcher'), 'not', 'yet', 'there');
    server = await start(dataDir);
  });
  afterAll(() => stopEmbeddedPostgres(dataDir));

  test('starts under this machine’s account, on an empty folder, with its roles and databases', async () => {
    expect(server.attached).toBe(false);
    await expect(ask(server.ownerUrl, 'create schema countersign')).resolves.toEqual([]);
    await expect(ask(server.keysUrl, 'select current_database() as name')).resolves.toEqual([
      { name: 'countersign_keys' },
    ]);
    const [facts] = await ask(
      server.gatewayUrl,
      `select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as mighty, current_setting('server_encoding') as encoding,
              upper('é') as upper, array_agg(c order by c) as sorted
         from pg_roles, unnest(array['é', 'z', 'a', 'Z']) c where rolname = current_user group by 1`,
    );
    expect(facts).toEqual({ mighty: false, encoding: 'UTF8', upper: 'É', sorted: ['Z', 'a', 'z', 'é'] });
  });

  test('keeps the gateway out of the keys, out of creating anything, and everyone without a password out', async () => {
    const gateway = new URL(server.gatewayUrl);
    gateway.pathname = '/countersign_keys';
    await expect(ask(gateway.href, 'select 1')).rejects.toMatchObject({ code: '42501' });
    await expect(ask(server.gatewayUrl, 'create schema mine')).rejects.toMatchObject({ code: '42501' });
    await expect(ask(server.gatewayUrl, 'create table public.mine (a int)')).rejects.toMatchObject({ code: '42501' });
    gateway.password = 'guessed';
    await expect(ask(gateway.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('listens on loopback only, and its passwords are readable by its owner alone', async () => {
    const [row] = await ask(
      server.adminUrl,
      "select current_setting('listen_addresses') as where, current_setting('unix_socket_directories') as socket",
    );
    expect(row).toEqual({ where: '127.0.0.1', socket: '' });
    expect(statSync(path.join(dataDir, 'postgres', 'passwords.json')).mode & 0o777).toBe(0o600);
  });

  test('is joined by a second process, which does not stop it when it is done', async () => {
    const second = await startInChild(dataDir);
    expect(second).toMatchObject({ attached: true, gatewayUrl: server.gatewayUrl });
    await letGo(second.child);
    await expect(ask(server.gatewayUrl, 'select 1 as one')).resolves.toEqual([{ one: 1 }]);
  });

  test('stays up for a command that is still at work when the gateway stops, and then stops with it', async () => {
    const second = await startInChild(dataDir);
    const pid = postmaster(dataDir);
    await server.stop();
    await server.stop();
    await expect(ask(second.gatewayUrl, 'select 1 as one')).resolves.toEqual([{ one: 1 }]);
    await letGo(second.child);
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(postmasterFile(dataDir))).toBe(false);
  });

  test('is found again, with its data, after the process that started it was killed', async () => {
    const first = await startInChild(dataDir);
    expect(first.attached).toBe(false);
    const pid = postmaster(dataDir);
    const { ownerUrl, stop } = await start(dataDir);
    await ask(ownerUrl, "create table countersign.kept as select 'still here' as line");
    await stop();
    await kill(first.child);
    expect(isRunning(pid)).toBe(true);

    const again = await start(dataDir);
    expect(again.attached).toBe(true);
    expect(postmaster(dataDir)).toBe(pid);
    await expect(ask(again.ownerUrl, 'select line from countersign.kept')).resolves.toEqual([{ line: 'still here' }]);
    await again.stop();
    expect(isRunning(pid)).toBe(false);
  });

  test('keeps its port from start to start', async () => {
    const again = await start(dataDir);
    expect(new URL(again.gatewayUrl).port).toBe(new URL(server.gatewayUrl).port);
    await again.stop();
  });

  test('is started once when two processes start it at the same time', async () => {
    const both = await Promise.all([startInChild(dataDir), startInChild(dataDir)]);
    expect(both.map(({ attached }) => attached).sort()).toEqual([false, true]);
    for (const { child } of both) await letGo(child);
    expect(existsSync(postmasterFile(dataDir))).toBe(false);
  });

  test('starts though the server itself was killed and its process number now belongs to another program', async () => {
    const killed = await start(dataDir);
    const lines = readFileSync(postmasterFile(dataDir), 'utf8').split('\n');
    process.kill(postmaster(dataDir), 'SIGKILL');
    while (isRunning(Number(lines[0]))) await new Promise((resolve) => setTimeout(resolve, 10));
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(postmasterFile(dataDir), [stranger.pid, ...lines.slice(1)].join('\n'));

    const again = await start(dataDir);
    expect(again.attached).toBe(false);
    await expect(ask(again.ownerUrl, 'select line from countersign.kept')).resolves.toHaveLength(1);
    expect(stranger.exitCode).toBeNull();
    await kill(stranger);
    await again.stop();
    await killed.stop();
  });

  test('makes its data directory anew when that was interrupted half-way', async () => {
    const folder = makeFolder('interrupted');
    const home = path.join(folder, 'postgres');
    mkdirSync(path.join(home, 'initialising-1', 'data', 'base'), { recursive: true });
    const fresh = await start(folder);
    await expect(ask(fresh.gatewayUrl, 'select 1 as one')).resolves.toEqual([{ one: 1 }]);
    expect(readdirSync(home).filter((name) => name.startsWith('initialising'))).toEqual([]);
    await fresh.stop();
  });

  test('says what is wrong when the passwords of a cluster are gone', async () => {
    const folder = makeFolder('lost');
    mkdirSync(path.join(folder, 'postgres', 'data'), { recursive: true });
    writeFileSync(path.join(folder, 'postgres', 'data', 'PG_VERSION'), '18\n');
    await expect(start(folder)).rejects.toThrow(/passwords\.json is missing/);
  });
});
