import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtinCatalogue } from '@countersign/schema';
import { Client } from 'pg';
import { headsIn } from '../../src/capabilities/audit/anchors/file-anchor';
import { Findings } from '../../src/capabilities/audit/verify/finding';
import { verifyLog } from '../../src/capabilities/audit/verify/verify-log';
import { verifyRecords } from '../../src/capabilities/audit/verify/verify-records';
import { roleOf } from '../../src/database/connection';
import { clusterFolder } from '../../src/database/embedded/cluster-folder';
import { findPostmaster } from '../../src/database/embedded/postmaster';
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../src/database/embedded/start-embedded-postgres';
import { migrate } from '../../src/database/migrate';
import { makeFolder } from '../harness';
import { GatewayProcess } from '../harness/gateway-process';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import type { TestDatabase } from '../harness/test-database';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';
import { withDatabase } from '../harness/test-server';

const GATEWAY_KILLS = Number(process.env.GATEWAY_KILLS ?? 200);
const POSTGRES_KILLS = Number(process.env.POSTGRES_KILLS ?? 50);
/** Gateways on one database that are killed and started again side by side. */
const LANES = 3;
const FORKED = /not the one that was anchored/;
const UPDATE = `mutation ($id: ID!, $input: ContactUpdateInput!, $version: Int!) {
  updateContact(id: $id, expectedVersion: $version, input: $input) { contact { version } userErrors { code } }
}`;

/** Whatever was killed: what was answered is there, versions are traces, and the log verifies against every anchor. */
class KilledWorld {
  readonly acknowledged = new Map<string, number>();
  readonly outputs: string[] = [];
  readonly folder = makeFolder('killed');
  readonly anchors: string[] = [];
  writes = 0;

  constructor(
    readonly home: TestGateway,
    readonly ledger: SampleLedger,
  ) {
    mkdirSync(path.join(this.folder, 'compiled'), { mode: 0o777 });
  }

  start(name: string): GatewayProcess {
    const anchor = path.join(this.folder, name, 'audit-anchor.ndjson');
    if (!this.anchors.includes(anchor)) this.anchors.push(anchor);
    return new GatewayProcess({
      DATABASE_URL: this.home.database.gatewayUrl,
      ROOT_SECRET_FILE: path.join(this.home.dataDir, 'root-secret'),
      DATA_DIR: path.join(this.folder, name),
      AUDIT_CHECKPOINT_SECONDS: '1',
      COMPILED_SOURCES: path.join(this.folder, 'compiled'),
      LOG_LEVEL: 'warn',
    });
  }

  /** Changes a contact over and over until `stopped`, and notes every version that was answered. */
  async write(url: () => string | null, id: string, stopped: () => boolean): Promise<void> {
    let version = 0;
    while (!stopped()) {
      const at = url();
      try {
        if (at === null) throw new Error('down');
        if (version === 0) version = await this.versionOf(at, id);
        const input = { phone: `+${Math.random()}` };
        const { updateContact } = await this.ask(at, UPDATE, { id, version, input });
        version = updateContact?.contact?.version ?? 0;
        if (version === 0) continue;
        this.acknowledged.set(id, version);
        this.writes += 1;
      } catch {
        // Unanswered: it may be there or not.
        version = 0;
        await sleep(20);
      }
    }
  }

  private async versionOf(url: string, id: string): Promise<number> {
    const data = await this.ask(url, 'query ($id: ID!) { contact(id: $id) { version } }', { id });
    return data.contact.version;
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
  private async ask(url: string, query: string, variables: object): Promise<any> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.ledger.admin.token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(15_000),
    });
    const { data } = (await response.json()) as { data?: unknown };
    if (!data) throw new Error('refused');
    return data;
  }

  async expectSound(): Promise<Record<string, number>> {
    const { keeper, signer } = this.home.core.audit;
    await keeper.round();
    expect(keeper.figures).toMatchObject({ alarmed: false, queued: 0 });
    for (const output of this.outputs) expect(output).not.toMatch(FORKED);
    const sql = new Client({ connectionString: this.home.database.gatewayUrl, options: '-c search_path=countersign' });
    await sql.connect();
    try {
      const { rows } = await sql.query(`select c.id, c.version,
        (select count(*)::int from audit_entry e where e.record_id = c.id) as traces from contact c`);
      expect(rows.filter(({ version, traces }) => version !== traces)).toEqual([]);
      const lost = rows.filter(({ id, version }) => version < (this.acknowledged.get(id) ?? 0));
      expect(lost).toEqual([]);
      const texts = this.anchors.map((file) => readFileSync(file, 'utf8'));
      const anchored = [...texts, readFileSync(path.join(this.home.dataDir, 'audit-anchor.ndjson'), 'utf8')].flatMap(
        headsIn,
      );
      const findings = new Findings();
      await sql.query('begin isolation level repeatable read');
      const report = await verifyLog({ db: sql, keys: signer, anchored, findings });
      const { records } = await verifyRecords(sql, builtinCatalogue(), findings);
      expect(findings.list).toEqual([]);
      return { entries: report.leaves, heads: report.heads, anchored: anchored.length, records, writes: this.writes };
    } finally {
      await sql.end();
    }
  }
}

const contactIds = async (home: TestGateway) =>
  (await home.core.database.pool.query('select id from contact order by id')).rows.map(({ id }) => id as string);

test(`after ${GATEWAY_KILLS} kills of gateways under writes versions are traces, the log verifies, and nothing has forked`, async () => {
  const home = await startTestGateway({ settings: { AUDIT_CHECKPOINT_SECONDS: '1' } });
  const world = new KilledWorld(home, await sampleLedger(home));
  const ids = await contactIds(home);
  let kills = 0;
  const early = { kills: 0 };
  const began = performance.now();
  try {
    const lane = async (n: number) => {
      while (kills < GATEWAY_KILLS) {
        kills += 1;
        const started = world.start(`lane-${n}`);
        let [url, over] = [null as string | null, false];
        const writers = [0, 1, 2].map((w) =>
          world.write(
            () => url,
            ids[n * 3 + w]!,
            () => over,
          ),
        );
        // Now and then it is killed before it answers.
        if (Math.random() < 0.2) {
          early.kills += 1;
          await sleep(Math.random() * 2_000);
        } else {
          url = await started.url();
          // A cold gateway takes its time for the first answer; killed before, it would have written nothing.
          const before = world.writes;
          for (let waited = 0; world.writes === before && waited < 5_000; waited += 10) await sleep(10);
          await sleep(Math.random() * 500);
        }
        started.kill('SIGKILL');
        over = true;
        await Promise.all([...writers, started.ended]);
        world.outputs.push(started.output);
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n)));
    const last = world.start('lane-0');
    await last.url();
    last.kill('SIGTERM');
    expect(await last.ended).toBe(0);
    world.outputs.push(last.output);
    const sound = await world.expectSound();
    console.info({
      kills,
      beforeAnswering: early.kills,
      ...sound,
      seconds: Math.round((performance.now() - began) / 1000),
    });
    expect(sound.writes).toBeGreaterThan(kills);
  } finally {
    await home.stop();
  }
});

test(`after ${POSTGRES_KILLS} kills of PostgreSQL under writes the same holds, and the gateway goes on by itself`, async () => {
  const dataDir = makeFolder('killed-postgres');
  // A server of its own that keeps its promises: what it has answered is on the disk.
  let server = await startEmbeddedPostgres({ dataDir });
  await migrate({ ownerUrl: server.ownerUrl, gatewayRole: roleOf(server.gatewayUrl) });
  const { data } = clusterFolder(dataDir);
  const port = Number(new URL(server.gatewayUrl).port);
  const database: TestDatabase = {
    ownerUrl: server.ownerUrl,
    gatewayUrl: server.gatewayUrl,
    adminUrl: withDatabase(server.adminUrl, new URL(server.ownerUrl).pathname.slice(1)),
    drop: async () => undefined,
  };
  const home = await startTestGateway({
    database,
    settings: { AUDIT_CHECKPOINT_SECONDS: '3600', AUDIT_TAIL_LIMIT_SECONDS: '7200' },
  });
  const world = new KilledWorld(home, await sampleLedger(home));
  const ids = await contactIds(home);
  const gateway = world.start('gateway');
  const url = await gateway.url();
  let over = false;
  const began = performance.now();
  try {
    const writers = ids.slice(0, 6).map((id) =>
      world.write(
        () => url,
        id,
        () => over,
      ),
    );
    for (let kill = 0; kill < POSTGRES_KILLS; kill += 1) {
      const before = world.writes;
      for (let waited = 0; world.writes < before + 3 && waited < 40_000; waited += 20) await sleep(20);
      if (world.writes === before)
        throw new Error(`after ${kill} kills it writes no more:\n${gateway.output.slice(-3000)}`);
      await sleep(Math.random() * 400);
      process.kill((await findPostmaster(data))!.pid, 'SIGKILL');
      server = await restarted(dataDir, port);
    }
    over = true;
    await Promise.all(writers);
    const sound = await world.expectSound();
    console.info({ kills: POSTGRES_KILLS, ...sound, seconds: Math.round((performance.now() - began) / 1000) });
    gateway.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(gateway.output).not.toMatch(FORKED);
  } finally {
    over = true;
    gateway.kill('SIGKILL');
    await home.stop();
    await server.stop();
    await stopEmbeddedPostgres(dataDir);
  }
});

/** The server on its old port again, which its orphans may hold on to for a moment. */
async function restarted(dataDir: string, port: number) {
  for (let tries = 0; tries < 500 && !(await isFree(port)); tries += 1) await sleep(20);
  for (let tries = 1; ; tries += 1) {
    try {
      const server = await startEmbeddedPostgres({ dataDir });
      expect(Number(new URL(server.gatewayUrl).port)).toBe(port);
      return server;
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(100);
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
