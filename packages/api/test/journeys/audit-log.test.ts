import { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

const CREATE = `mutation ($input: ContactCreateInput!) {
  createContact(input: $input) { contact { version } userErrors { code } }
}`;
const PROTECTED = '{ paymentMethods { nodes { id number } } }';
const PLAIN = '{ invoices(first: 1) { nodes { id } } }';
const codes = ({ body }: Answer) => (body.errors ?? []).map(({ extensions }) => extensions.code);

describe('The log that proves the trace', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  const anchorFile = (of = gateway) => path.join(of.dataDir, 'audit-anchor.ndjson');
  const anchored = (of = gateway) =>
    readFileSync(anchorFile(of), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { size: number });
  const figures = (of = gateway) => of.core.audit.keeper.figures;
  const change = (of = gateway) =>
    of.ask(ledger.admin.token, CREATE, {
      input: { accountId: ledger.accountIds[0], firstName: 'Nora', lastName: 'Ewcomer' },
    });
  /** What a gateway still holds back, such as the entry about its start, is written, and all of it sealed and anchored. */
  const settled = async (of = gateway) => {
    await of.core.folded.flush();
    await of.core.audit.keeper.round();
    return figures(of);
  };

  beforeAll(async () => {
    gateway = await startTestGateway({
      settings: { AUDIT_CHECKPOINT_SECONDS: '3600', AUDIT_TAIL_LIMIT_SECONDS: '7200' },
    });
    ledger = await sampleLedger(gateway);
    await gateway.install([
      {
        verb: 'create',
        object: 'PaymentMethod',
        input: {
          ...{ accountId: ledger.accountIds[0], brand: 'VISA', lastFour: '1111', expiryMonth: 12, expiryYear: 2030 },
          ...{ holder: 'Olive Wner', number: '4111111111111111' },
        },
      },
    ]);
    await gateway.lines([{ role: 'analyst', object: 'PaymentMethod', field: 'number', action: 'SEE_MASKED' }]);
  });
  afterAll(() => gateway?.stop());

  test('a checkpoint takes every entry that waits, once, and the head of it is anchored outside the database', async () => {
    const sealed = await settled();
    const [before] = await gateway.sql('select count(*)::int as n from audit_entry');
    expect(sealed).toMatchObject({
      queued: 0,
      size: before!.n,
      anchored: before!.n,
      ageMs: 0,
      alarmed: false,
    });
    expect(anchored().at(-1)!.size).toBe(before!.n);
    await change();
    await settled();
    expect(anchored().at(-1)!.size).toBe(Number(before!.n) + 1);
    const rows =
      await gateway.sql(`select count(*)::int as n, count(distinct entry_id)::int as entries, min(position)::int as low,
      max(position)::int as high from audit_leaf`);
    expect(rows).toEqual([{ n: Number(before!.n) + 1, entries: Number(before!.n) + 1, low: 0, high: before!.n }]);
  });

  test('a round without news signs nothing', async () => {
    await settled();
    const [{ n } = { n: 0 }] = await gateway.sql('select count(*)::int as n from audit_head');
    await settled();
    expect(await gateway.sql('select count(*)::int as n from audit_head')).toEqual([{ n }]);
  });

  test('an entry of a transaction that commits late is in the next checkpoint, not lost between two', async () => {
    await settled();
    const { size } = figures();
    const { pool } = gateway.core.database;
    const slow = await pool.connect();
    await slow.query('begin');
    await slow.query(`insert into audit_entry (id, at, action, outside, header, commitments)
      values ('00000000-0000-7000-8000-000000000001', now(), 'SYSTEM', false, '{}', '')`);
    await slow.query(`insert into audit_unsealed (entry_id) values ('00000000-0000-7000-8000-000000000001')`);
    await change();
    expect((await settled()).size).toBe(size + 1);
    await slow.query('commit');
    slow.release();
    expect((await settled()).size).toBe(size + 2);
  });

  test('of two gateways that seal at the same time each entry has one place', async () => {
    const second = await startTestGateway({ database: gateway.database, root: gateway });
    try {
      await Promise.all(
        Array.from({ length: 30 }, async (_, n) => {
          await change(n % 2 ? gateway : second);
          await (n % 3 ? gateway : second).core.audit.keeper.round();
        }),
      );
      await second.core.folded.flush();
      const end = await settled();
      expect(end).toMatchObject({ queued: 0, alarmed: false, anchored: end.size });
      expect((await settled(second)).anchored).toBe(end.size);
      const [row] = await gateway.sql('select count(*)::int as n, max(position)::int as high from audit_leaf');
      expect(row).toEqual({ n: end.size, high: end.size - 1 });
      expect(await gateway.sql('select count(*)::int as n from audit_entry')).toEqual([{ n: end.size }]);
    } finally {
      await second.stop();
    }
  });

  test('its public key is published, and metrics say how it stands, never what it holds', async () => {
    const key = await gateway.get('/.well-known/countersign-audit-keys.json', null);
    expect(JSON.parse(key.text)).toEqual(gateway.core.audit.signer.jwks());
    await settled();
    const metrics = await gateway.get('/metrics', null);
    expect(metrics.text).toContain(`countersign_audit_anchored_size ${figures().size}`);
    expect(metrics.text).toMatch(/countersign_audit_tail_age_seconds 0\n/);
    expect(metrics.text).toMatch(/countersign_audit_closed 0\n/);
    expect(metrics.text).not.toMatch(/Account|Invoice|@example/);
  });

  test('with a token set, metrics are for whoever has it; to all others there is nothing at that address', async () => {
    const open = await startTestGateway({ settings: { METRICS_TOKEN: 'invented-token-of-the-house' } });
    try {
      expect((await open.get('/metrics', 'invented-token-of-the-house')).status).toBe(200);
      const nothing = await open.get('/nowhere', null);
      for (const token of [null, 'invented-token-of-the-hous', '']) {
        const refused = await open.get('/metrics', token);
        expect([refused.status, refused.text.length]).toEqual([nothing.status, nothing.text.length]);
      }
    } finally {
      await open.stop();
    }
  });

  describe('when it cannot keep up', () => {
    let late: TestGateway;
    beforeAll(async () => {
      late = await startTestGateway({
        database: gateway.database,
        root: gateway,
        settings: { AUDIT_CHECKPOINT_SECONDS: '1', AUDIT_TAIL_LIMIT_SECONDS: '2' },
      });
    });
    afterAll(() => late?.stop());

    test('changes and protected reads are refused, the rest stays up, and it opens again without a hand', async () => {
      const file = anchorFile(late);
      await late.core.audit.keeper.round();
      renameSync(file, `${file}.away`);
      // A folder in its place: nothing can be appended.
      mkdirSync(file);
      expect(codes(await change(late))).toEqual([]);
      await until(() => figures(late).closed);
      expect(codes(await change(late))).toEqual(['AUDIT_UNAVAILABLE']);
      expect(codes(await late.ask(ledger.analyst.token, PROTECTED))).toEqual(['AUDIT_UNAVAILABLE']);
      expect(codes(await late.ask(ledger.analyst.token, PLAIN))).toEqual([]);
      expect((await late.get('/readyz', null)).status).toBe(200);
      expect((await late.get('/metrics', null)).text).toMatch(/countersign_audit_closed 1\n/);
      rmdirSync(file);
      renameSync(`${file}.away`, file);
      await until(() => !figures(late).closed);
      expect(codes(await change(late))).toEqual([]);
      expect(codes(await late.ask(ledger.analyst.token, PROTECTED))).toEqual([]);
      const end = await settled(late);
      expect(anchored(late).at(-1)!.size).toBe(end.size);
    });

    test('an id in the queue that has no entry closes nothing', async () => {
      await gateway.sql(
        `insert into audit_unsealed (entry_id, queued_at) values (gen_random_uuid(), now() - interval '1 day')`,
      );
      expect((await settled(late)).ageMs).toBeLessThan(2_000);
      expect(codes(await change(late))).toEqual([]);
      await gateway.sql(
        'delete from audit_unsealed where not exists (select from audit_entry e where e.id = entry_id)',
      );
    });
  });

  describe('when the database is not the one that was anchored', () => {
    const tables = ['audit_leaf', 'audit_node', 'audit_head'];
    const keep = async () => {
      await settled();
      await gateway.sql(tables.map((name) => `create table kept_${name} as select * from ${name}`).join(';'));
    };
    const restore = () =>
      gateway.sql(
        tables
          .map((name) => `truncate ${name}; insert into ${name} select * from kept_${name}; drop table kept_${name}`)
          .join(';'),
      );

    test('an older backup is noticed at the start, closes changes and protected reads, and opens when put right', async () => {
      await keep();
      const { size } = figures();
      await gateway.sql(`delete from audit_head where size = ${size}; delete from audit_leaf where position >= ${size - 1};
        delete from audit_node where (index + 1) << level > ${size - 1}`);
      const again = await startTestGateway({
        database: gateway.database,
        root: gateway,
        settings: { AUDIT_ANCHOR_FILE: anchorFile() },
      });
      try {
        expect(figures(again)).toMatchObject({ alarmed: true, closed: true });
        expect(codes(await change(again))).toEqual(['AUDIT_UNAVAILABLE']);
        expect(codes(await again.ask(ledger.analyst.token, PROTECTED))).toEqual(['AUDIT_UNAVAILABLE']);
        expect(codes(await again.ask(ledger.analyst.token, PLAIN))).toEqual([]);
        await restore();
        expect(await settled(again)).toMatchObject({ alarmed: false, closed: false });
        expect(codes(await change(again))).toEqual([]);
      } finally {
        await again.stop();
      }
    });

    test('a fork of the same size is noticed while it runs, and nothing is sealed on top of it', async () => {
      await keep();
      const { size } = figures();
      await gateway.sql(`update audit_leaf set hash = sha256('forged') where position = ${size - 1};
        update audit_node set hash = sha256('forged') where (index + 1) << level = ${size}`);
      await change();
      expect(await settled()).toMatchObject({ alarmed: true, closed: true, size });
      expect(codes(await change())).toEqual(['AUDIT_UNAVAILABLE']);
      await restore();
      expect(await settled()).toMatchObject({ alarmed: false, closed: false, size: size + 1 });
    });

    test('an anchor of another log is noticed', async () => {
      const file = path.join(gateway.dataDir, 'other.ndjson');
      const line = JSON.parse(readFileSync(anchorFile(), 'utf8').trim().split('\n').at(-1)!) as object;
      writeFileSync(file, `${JSON.stringify({ ...line, log: '00000000-0000-4000-8000-000000000000' })}\n`);
      const again = await startTestGateway({
        database: gateway.database,
        root: gateway,
        settings: { AUDIT_ANCHOR_FILE: file },
      });
      try {
        expect(figures(again)).toMatchObject({ alarmed: true, closed: true });
      } finally {
        await again.stop();
      }
    });
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 300) throw new Error('it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
