import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayProcess } from '../harness/gateway-process';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

const HOSTILE_CLIENT = path.resolve(__dirname, '../harness/hostile-requests.cjs');
const { HOSTILE, send } = require(HOSTILE_CLIENT) as {
  HOSTILE: Record<string, { code: string | RegExp }>;
  send(url: string, token: string, hostile: object): Promise<string[]>;
};
const ROUNDS = 6;
const ASKED_A_ROUND = 150;
/** Between two hostile requests, ms. */
const PAUSE = 60;
const GOOD = `{ accounts(first: 12) { totalCount nodes { name region invoices(first: 4) { totalCount nodes {
  number status total issuedOn lines(first: 2) { nodes { description amount } } } } contacts { nodes { lastName } } } } }`;

/*
 * A good client works while others send what is too large, too deep, too many and too slow. A real process, because memory
 * and the event loop are those of a process.
 */
describe('A good client under hostile input', () => {
  let home: TestGateway;
  let ledger: SampleLedger;
  let gateway: GatewayProcess;
  let url: string;
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-hostile-'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  beforeAll(async () => {
    home = await startTestGateway();
    ledger = await sampleLedger(home);
    await home.install(
      Array.from({ length: 100 }, (_, i) => ({
        verb: 'create' as const,
        object: 'Invoice',
        input: {
          accountId: ledger.accountIds[1],
          number: `LONG-${i}`,
          currency: 'EUR',
          issuedOn: '2026-01-01',
          dueOn: '2026-12-31',
          notes: 'x'.repeat(4_000),
        },
      })),
    );
    gateway = new GatewayProcess({
      DATABASE_URL: home.database.gatewayUrl,
      ROOT_SECRET_FILE: path.join(home.dataDir, 'root-secret'),
      DATA_DIR: folder,
      CLIENT_TIMEOUT_MS: '3000',
      LOG_LEVEL: 'error',
      // What is kept shows soon.
      NODE_OPTIONS: '--max-old-space-size=192',
    });
    url = await gateway.url();
    for (let i = 0; i < 100; i += 1) await ask();
  });
  afterAll(async () => {
    agent.destroy();
    gateway?.kill('SIGKILL');
    await gateway?.ended;
    await home?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asks as the good client does; gives the milliseconds that it took. */
  function ask(): Promise<number> {
    const from = performance.now();
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${ledger.analyst.token}` };
      const sent = request(`${url}/graphql`, { method: 'POST', agent, headers });
      sent.on('error', reject);
      sent.on('response', (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => {
          if (text.startsWith('{"data":{"accounts":{"totalCount":12')) resolve(performance.now() - from);
          else reject(new Error(text.slice(0, 300)));
        });
      });
      sent.end(JSON.stringify({ query: GOOD }));
    });
  }

  async function askMany(times = ASKED_A_ROUND): Promise<{ median: number; p99: number }> {
    const took: number[] = [];
    for (let i = 0; i < times; i += 1) took.push(await ask());
    took.sort((a, b) => a - b);
    return { median: took[Math.floor(times / 2)]!, p99: took[Math.floor(times * 0.99) - 1]! };
  }

  const residentMb = () =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.pid}/status`, 'utf8'))![1]) / 1_024);

  function startHostile(): { stop(): Promise<Record<string, Record<string, number>>> } {
    const child: ChildProcess = spawn('nice', [
      '-n',
      '5',
      process.execPath,
      HOSTILE_CLIENT,
      url,
      ledger.analyst.token,
      String(PAUSE),
    ]);
    let said = '';
    child.stdout!.on('data', (chunk) => {
      said += chunk;
    });
    return {
      async stop() {
        const ended = new Promise((resolve) => child.on('close', resolve));
        child.kill('SIGTERM');
        await ended;
        return JSON.parse(said);
      },
    };
  }

  test('each hostile request by itself is refused; what it costs is printed', async () => {
    const costs: string[] = [];
    for (const [name, hostile] of Object.entries(HOSTILE)) {
      const took: number[] = [];
      for (let i = 0; i < 5; i += 1) {
        const from = performance.now();
        expect((await send(url, ledger.analyst.token, hostile)).join()).toMatch(hostile.code);
        took.push(performance.now() - from);
      }
      costs.push(
        `${Math.min(...took)
          .toFixed(1)
          .padStart(8)} ms  ${name}`,
      );
    }
    console.info(costs.join('\n'));
  });

  test('its p99 stays under twice of what it is alone, and memory is flat', async () => {
    // The best of several rounds each: on a machine that others use as well, the rest is theirs.
    let [bestAlone, bestUnder] = [Infinity, Infinity];
    const lines: string[] = [];
    const resident: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const alone = await askMany();
      const hostile = startHostile();
      await sleep(300);
      const under = await askMany();
      const seen = await hostile.stop();
      const sent = Object.entries(seen).flatMap(([name, codes]) =>
        Object.entries(codes).map((each) => [name, ...each]),
      );
      for (const [name, code] of sent)
        expect([name, code]).toEqual([name, expect.stringMatching(HOSTILE[name!]!.code)]);
      bestAlone = Math.min(bestAlone, alone.p99);
      bestUnder = Math.min(bestUnder, under.p99);
      resident.push(residentMb());
      const figures = [alone.median, alone.p99, under.median, under.p99].map((ms) => ms.toFixed(1));
      const count = sent.reduce((sum, [, , number]) => sum + Number(number), 0);
      lines.push(
        `alone ${figures[0]}/${figures[1]} ms, beside ${count} hostile requests ${figures[2]}/${figures[3]} ms (median/p99): ${(under.p99 / alone.p99).toFixed(2)}x, ${resident.at(-1)} MB`,
      );
    }
    const ratio = bestUnder / bestAlone;
    console.info(
      `${lines.join('\n')}\nbest p99 beside them ${bestUnder.toFixed(1)} ms, alone ${bestAlone.toFixed(1)} ms: ${ratio.toFixed(2)}x`,
    );
    expect(ratio).toBeLessThan(2);
    expect(resident.at(-1)! - resident[1]!).toBeLessThan(64);
  });

  test('clients that are slow, silent or never read are let go, and the good one is served meanwhile', async () => {
    const head = (more: string) =>
      `POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nAuthorization: Bearer ${ledger.analyst.token}\r\n${more}`;
    const large = JSON.stringify({
      query: `{ ${Array.from({ length: 15 }, (_, i) => `a${i}: invoices(first: 100, where: { number: { startsWith: "LONG" } }) { nodes { notes } }`).join(' ')} }`,
    });
    const kinds: Record<string, { count: number; first: string; drip?: string; deaf?: boolean }> = {
      'says nothing': { count: 300, first: '' },
      'drips its headers': { count: 50, first: 'POST /graphql HTTP/1.1\r\nHost: gateway\r\n', drip: 'X-A: b\r\n' },
      'drips its body': { count: 50, first: head('Content-Length: 100000\r\n\r\n{'), drip: ' ' },
      'drips pieces': { count: 50, first: head('Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'), drip: '1\r\n \r\n' },
      'never reads': { count: 3, first: head(`Content-Length: ${large.length}\r\n\r\n${large}`), deaf: true },
      'asks a thousand times at once and never reads': {
        count: 2,
        first: head('Content-Length: 27\r\n\r\n{"query":"{ __typename }"} ').repeat(1_000),
        deaf: true,
      },
    };
    const alone = await askMany(100);
    const lines = [`alone ${alone.p99.toFixed(1)} ms (p99)`];
    const before = residentMb();
    for (const [kind, { count, first, drip, deaf }] of Object.entries(kinds)) {
      const open = Array.from({ length: count }, () => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1');
        socket.on('error', () => undefined);
        if (deaf) socket.pause();
        else socket.resume();
        socket.write(first);
        return socket;
      });
      const drips = setInterval(() => {
        for (const socket of open) if (drip && socket.writable) socket.write(drip);
      }, 250);
      const beside = await askMany(100);
      const peak = residentMb();
      // Those who do not read learn of the end only when they do, so it is the system that is asked.
      for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(200)) {
        if (connections() <= 1) break;
      }
      lines.push(`beside ${count} of whom each ${kind} ${beside.p99.toFixed(1)} ms, ${peak} MB`);
      const held = connections();
      clearInterval(drips);
      for (const socket of open) socket.destroy();
      expect([kind, held]).toEqual([kind, held <= 1 ? held : 'at most one: that of the good client']);
    }
    const after = await askMany(100);
    console.info(
      `${lines.join('\n')}\nafter all of them ${after.p99.toFixed(1)} ms, ${before} MB before and ${residentMb()} MB now`,
    );
    expect(residentMb() - before).toBeLessThan(160);
  });

  /** Connections that the gateway holds from clients, as the system counts them. */
  function connections(): number {
    const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
    const rows = readFileSync(`/proc/${gateway.pid}/net/tcp`, 'utf8').split('\n').slice(1);
    return rows.filter((row) => {
      const [, local, , state] = row.trim().split(/\s+/);
      return local?.endsWith(`:${port}`) && state === '01';
    }).length;
  }
});
