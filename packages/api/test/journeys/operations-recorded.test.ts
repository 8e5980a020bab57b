import pino from 'pino';
import { FoldedTrace, OperationsRecord, writeEvents } from '../../src/capabilities/audit';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ settings: { METRICS_TOKEN: 'a-metrics-token-that-is-a-secret' } });
});
afterAll(() => gateway.stop());

type Slots = Record<string, [unknown, unknown]>;
const recorded = async (event: string) => {
  const rows = await gateway.sql(
    `select e.reason, e.changes from audit_trace e where e.action = 'SYSTEM' and e.changes->'event'->>1 = '${event}' order by e.at, e.id`,
  );
  return rows as { reason: string; changes: Slots }[];
};

test('a start says what runs, on which migrations and settings, and no secret', async () => {
  await gateway.core.folded.flush();
  const [start] = await recorded('start');
  expect(start!.changes).toMatchObject({
    countersign: [null, expect.stringMatching(/^\d+\.\d+/)],
    node: [null, process.versions.node],
    postgresql: [null, expect.stringMatching(/^\d+/)],
    migrations: [null, expect.arrayContaining(['AuditTables0000000000006'])],
    logKeys: [null, gateway.core.audit.signer.jwks().keys.map(({ kid }) => kid)],
    settings: [null, { mode: 'demo', metricsToken: 'set', limits: gateway.core.limits }],
  });
  const { password } = new URL(gateway.database.gatewayUrl);
  expect(password.length).toBeGreaterThan(3);
  for (const secret of [password, 'a-metrics-token-that-is-a-secret']) {
    expect(JSON.stringify(start)).not.toContain(secret);
  }
});

test('a second start tells what is new since the last, and whether that one stopped', async () => {
  const second = await startTestGateway({
    database: gateway.database,
    root: gateway,
    settings: { MAX_PAGE_SIZE: '50', DEFAULT_PAGE_SIZE: '10' },
  });
  await second.core.folded.flush();
  const starts = await recorded('start');
  const { reason, changes } = starts.at(-1)!;
  expect(reason).toBe('the gateway started; new since the last start: settings');
  expect(changes.settings).toMatchObject([{ limits: { page: gateway.core.limits.page } }, { limits: { page: 50 } }]);
  expect(changes.previous).toEqual([null, { instance: starts[0]!.changes.instance![1], stopped: false }]);
  await second.stop();
  const stops = await recorded('stop');
  expect(stops.map(({ changes: stop }) => stop.instance)).toEqual([changes.instance]);

  const third = await startTestGateway({ database: gateway.database, root: gateway });
  await third.core.folded.flush();
  expect((await recorded('start')).at(-1)!.changes.previous).toMatchObject([null, { stopped: true }]);
  await third.stop();
});

test('a clock that is set leaves an entry; one that drifts does not', async () => {
  const { pool } = gateway.core.database;
  const clock = { at: Date.parse('2026-03-01T10:00:00.000Z'), ticks: 0 };
  const log = pino({ level: 'silent' });
  const now = () => new Date(clock.at);
  const folded = new FoldedTrace({ write: (events) => writeEvents(pool, events), log, now });
  const facts = { versions: { countersign: '0', node: '0' }, settings: {}, logKeys: [] };
  const record = new OperationsRecord({ pool, folded, log, now, ticks: () => clock.ticks, facts });
  for (const [clockMs, ticksMs] of [
    [10_000, 10_000],
    [10_500, 10_000],
    [3_610_000, 10_000],
    [-3_600_000, 10_000],
  ] as const) {
    clock.at += clockMs;
    clock.ticks += ticksMs;
    record.lookAtClock();
  }
  await folded.flush();
  const jumps = await recorded('clock');
  expect(jumps.map(({ changes }) => changes.jumpedMs![1]).sort()).toEqual([-3_610_000, 3_600_000]);
});
