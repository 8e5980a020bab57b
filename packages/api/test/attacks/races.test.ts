import { Client } from 'pg';
import { HeadMoved } from '../../src/path/under-head';
import { confirmHead, lockHead } from '../../src/records/authority-head';
import { installationUnder } from '../../src/records/installation';
import { codes } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

/* Several at once, on a real PostgreSQL: the order is forced by holding locks from outside. */
describe('What several do at the same time', () => {
  let gateway: TestGateway;
  let replica: TestGateway;
  let ledger: SampleLedger;
  let contacts: string[];

  beforeAll(async () => {
    const settings = { DATABASE_POOL_SIZE: '24', STATEMENT_TIMEOUT_MS: '4000' };
    gateway = await startTestGateway({ settings });
    ledger = await sampleLedger(gateway);
    replica = await startTestGateway({ database: gateway.database, root: gateway, settings });
    const emea = `select c.id from contact c join account a on a.id = c.account_id where a.region = 'EMEA' order by c.id`;
    contacts = (await gateway.sql(emea)).map(({ id }) => String(id));
  });
  afterAll(async () => {
    await replica?.stop();
    await gateway?.stop();
  });

  const UPDATE = `mutation ($id: ID!, $version: Int!, $input: ContactUpdateInput!) {
    updateContact(id: $id, expectedVersion: $version, input: $input) { contact { version } userErrors { code } }
  }`;
  const contactOf = async (id: string) => (await gateway.sql(`select * from contact where id = '${id}'`))[0]!;
  const write = async (on: TestGateway, token: string, id: string, phone: string): Promise<Answer> =>
    on.ask(token, UPDATE, { id, version: (await contactOf(id)).version, input: { phone } });
  const tracesOf = async (id: string) =>
    (await gateway.sql(`select count(*)::int as n from audit_entry where record_id = '${id}'`))[0]!.n;

  /** Holds a lock on a record until released. */
  async function hold(id: string): Promise<{ release: () => Promise<void> }> {
    const client = new Client({ connectionString: gateway.database.adminUrl, options: '-c search_path=countersign' });
    await client.connect();
    await client.query('begin');
    await client.query('select 1 from contact where id = $1 for update', [id]);
    return {
      async release() {
        await client.query('commit');
        await client.end();
      },
    };
  }

  /** Backends of the gateways that wait for a lock. */
  async function waiting(atLeast: number): Promise<number[]> {
    for (let i = 0; i < 200; i += 1) {
      const rows = await gateway.sql(
        `select pid from pg_stat_activity where datname = current_database() and application_name = 'countersign'
          and wait_event_type = 'Lock'`,
      );
      if (rows.length >= atLeast) return rows.map(({ pid }) => Number(pid));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('nobody waits');
  }

  test('a stream of ordinary writes does not keep a revocation waiting', async () => {
    const under = installationUnder(await gateway.core.snapshots.refresh());
    const { dataSource } = gateway.core.writes;
    let stop = false;
    // The lock is held for as long as a commit takes on a busy disk.
    const writers = Array.from({ length: 12 }, async () => {
      while (!stop) {
        await dataSource.transaction(async (tx) => {
          await confirmHead(tx, under);
          await tx.query('select pg_sleep(0.005)');
        });
      }
    });
    const waits: number[] = [];
    try {
      for (let i = 0; i < 8; i += 1) {
        const began = performance.now();
        await dataSource.transaction((tx) => lockHead(tx, under.head));
        waits.push(performance.now() - began);
      }
    } finally {
      stop = true;
      await Promise.all(writers);
    }
    expect(Math.max(...waits)).toBeLessThan(1500);
  });

  test('two admins who publish through two gateways at once are both served, one version after the other', async () => {
    const { head } = await gateway.core.snapshots.refresh();
    const create =
      'mutation ($name: String!) { createRole(input: { name: $name }) { role { id } userErrors { code } } }';
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => (n % 2 ? gateway : replica).ask(ledger.admin.token, create, { name: `at-once-${n}` })),
    );
    expect(answers.map(codes)).toEqual([[], [], [], []]);
    const after = (await gateway.core.snapshots.refresh()).head;
    expect(after.policyVersion).toBe(head.policyVersion + 4);
    const versions = await gateway.sql(`select n from policy_version where n > ${head.policyVersion} order by n`);
    expect(versions.map(({ n }) => Number(n) - head.policyVersion)).toEqual([1, 2, 3, 4]);
    for (const { snapshot } of [await gateway.core.snapshots.refresh(), await replica.core.snapshots.refresh()]) {
      const names = Object.values(snapshot.policyRecords.records.Role).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining([1, 2, 3, 4].map((n) => `at-once-${n}`)));
    }
  });

  test('a write that was decided and waits for its record is not committed after its right was revoked', async () => {
    const writer = await gateway.person({
      name: 'Bri Efly',
      audience: 'STAFF',
      roles: ['admin'],
    });
    const [id] = contacts as [string];
    const before = { ...(await contactOf(id)), traces: await tracesOf(id) };
    const held = await hold(id);
    const writing = write(gateway, writer.token, id, '+49 1');
    await waiting(1);
    await replica.revokeRoles(writer);
    await held.release();
    const answer = await writing;
    expect(codes(answer)).toEqual(['FORBIDDEN']);
    expect(answer.body.data?.updateContact ?? null).toBeNull();
    expect({ ...(await contactOf(id)), traces: await tracesOf(id) }).toEqual(before);
  });

  test('the same update sent five times at once, over two gateways, happens once', async () => {
    const [id] = contacts as [string];
    const { version } = await contactOf(id);
    const traces = await tracesOf(id);
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((n) =>
        (n % 2 ? gateway : replica).ask(ledger.support.token, UPDATE, { id, version, input: { phone: '+49 555' } }),
      ),
    );
    expect(answers.flatMap(codes)).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT']);
    expect(await contactOf(id)).toMatchObject({ version: Number(version) + 1, phone: '+49 555' });
    expect(await tracesOf(id)).toBe(Number(traces) + 1);
  });

  test('a change of rights and an ordinary write that wait for one another are both carried out', async () => {
    const [first, second] = contacts as [string, string];
    const versions = [(await contactOf(first)).version, (await contactOf(second)).version];
    const held = await hold(second);
    const change = (id: string, expectedVersion: unknown, phone: string) => ({
      updateContact: { id, expectedVersion, input: { phone } },
    });
    const set = (changes: object[]) =>
      gateway.ask(
        ledger.admin.token,
        'mutation ($changes: [ChangeInput!]!) { applyChangeSet(changes: $changes) { records { id } userErrors { code } } }',
        { changes },
      );
    // Holds the first contact and waits for the second.
    const ordinary = set([change(first, versions[0], '+1'), change(second, versions[1], '+2')]);
    await waiting(1);
    // Holds the head and waits for the first contact.
    const rights = gateway.install([
      { verb: 'update', object: 'Contact', id: first, input: { phone: '+3' } },
      { verb: 'create', object: 'Role', input: { name: 'made-in-a-deadlock' } },
    ]);
    await waiting(2);
    await held.release();
    const outcome = await Promise.all([ordinary, rights.catch((error: unknown) => error)]);
    expect(codes(outcome[0])).toEqual([]);
    expect(outcome[1] instanceof HeadMoved ? [] : outcome[1]).toEqual(expect.any(Array));
    for (const id of [first, second]) expect((await contactOf(id)).version).toBe(await tracesOf(id));
  });

  test('a connection that is killed inside a transaction leaves nothing, and the next write finds another', async () => {
    const [id] = contacts as [string];
    const before = { ...(await contactOf(id)), traces: await tracesOf(id) };
    const held = await hold(id);
    const writing = write(gateway, ledger.support.token, id, '+49 999');
    const [pid] = await waiting(1);
    await gateway.sql(`select pg_terminate_backend(${pid})`);
    const answer = await writing;
    await held.release();
    expect(codes(answer)).toEqual(['POLICY_UNAVAILABLE']);
    expect({ ...(await contactOf(id)), traces: await tracesOf(id) }).toEqual(before);
    expect(codes(await write(gateway, ledger.support.token, id, '+49 1000'))).toEqual([]);
  });

  test('a write that waits too long for a record says so, and is not our fault', async () => {
    const [id] = contacts as [string];
    const held = await hold(id);
    const answer = await write(gateway, ledger.support.token, id, '+49 999');
    await held.release();
    expect(codes(answer)).toEqual(['COST_LIMIT']);
    expect(codes(await write(gateway, ledger.support.token, id, '+49 1001'))).toEqual([]);
  });
});
