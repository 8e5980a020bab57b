import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { builtinCatalogue, type Catalogue, createCatalogue } from '@countersign/schema';
import { Client } from 'pg';
import { type Core, openCore } from '../../src/compose';
import { createLog } from '../../src/log';
import { readSettings } from '../../src/settings';
import { codes } from '../harness/answers';
import { sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/* Several gateways on one database: started together, after an upgrade, and by people who do not know of each other. */
describe('Gateways that start at the same time', () => {
  let gateway: TestGateway;
  const folders: string[] = [];

  beforeAll(async () => {
    gateway = await startTestGateway();
    await sampleLedger(gateway);
  });
  afterAll(async () => {
    await gateway?.stop();
    for (const made of folders) rmSync(made, { recursive: true, force: true });
  });

  /** The catalogue of a later version: the same objects, one described in other words. */
  function upgraded(): Catalogue {
    const objects = [...builtinCatalogue().objects.values()];
    return createCatalogue(
      objects.map((object) => (object.name === 'Price' ? { ...object, description: 'New.' } : object)),
    );
  }
  function open(catalogue: Catalogue, env: Record<string, string> = {}): Promise<Core> {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'countersign-several-'));
    folders.push(dataDir);
    const settings = readSettings({
      DATA_DIR: dataDir,
      DATABASE_URL: gateway.database.gatewayUrl,
      ROOT_SECRET_FILE: path.join(gateway.dataDir, 'root-secret'),
      LOG_LEVEL: 'silent',
      ...env,
    });
    return openCore(settings, { log: createLog('silent'), catalogue });
  }

  test('all come up when each of them brings the same new catalogue, and one version is published for it', async () => {
    const { head } = await gateway.core.snapshots.refresh();
    const cores = await Promise.all([1, 2, 3, 4].map(() => open(upgraded())));
    const versions = await gateway.sql(`select n from policy_version where n > ${head.policyVersion}`);
    expect(versions).toHaveLength(1);
    for (const core of cores) {
      expect((await core.snapshots.refresh()).head.policyVersion).toBe(head.policyVersion + 1);
      await core.close();
    }
    await (await open(builtinCatalogue())).close();
  });

  test('all come up while somebody publishes', async () => {
    const publishing = (async () => {
      for (let n = 0; n < 8; n += 1) {
        // While the catalogue of the later version is in force, a gateway of the earlier one can publish nothing.
        await gateway
          .install([{ verb: 'create', object: 'Role', input: { name: `meanwhile-${n}` } }])
          .catch(() => undefined);
      }
    })();
    for (let n = 0; n < 4; n += 1) await (await open(n % 2 ? builtinCatalogue() : upgraded())).close();
    await publishing;
    await (await open(builtinCatalogue())).close();
  });

  test('one waits for another that makes the demo, however long that takes', async () => {
    const core = await open(builtinCatalogue(), { STATEMENT_TIMEOUT_MS: '500' });
    const other = new Client({ connectionString: gateway.database.adminUrl });
    await other.connect();
    await other.query('select pg_advisory_lock(7243650113)');
    const preparing = core.prepareDemo();
    const early = await Promise.race([preparing, new Promise((resolve) => setTimeout(() => resolve('waits'), 1_500))]);
    expect(early).toBe('waits');
    await other.end();
    expect(await preparing).toEqual([]);
    await core.close();
  });

  test('one with another root secret neither serves nor gives the people of the demo new passwords', async () => {
    const auditor = 'auditor@example.com';
    await gateway.install([
      { verb: 'create', object: 'Person', as: 'p', input: { fullName: 'Au Ditor' } },
      { verb: 'create', object: 'User', input: { personId: '@p', email: auditor, audience: 'STAFF' } },
    ]);
    const people = await gateway.core.prepareDemo();
    expect(people.map(({ email }) => email)).toEqual([auditor]);
    // As it looks to one that started while the database was still empty.
    const own = mkdtempSync(path.join(tmpdir(), 'countersign-other-'));
    folders.push(own);
    await gateway.sql('create table kept as table authority_head; update authority_head set policy_version = 0');
    await gateway.sql(
      'alter table policy_version rename to policy_version_kept; create table policy_version (like policy_version_kept)',
    );
    await gateway.sql(`grant all on policy_version to public`);
    const stranger = await open(builtinCatalogue(), { DATA_DIR: own, ROOT_SECRET_FILE: '' });
    await gateway.sql('drop table policy_version; alter table policy_version_kept rename to policy_version');
    await gateway.sql('update authority_head set policy_version = (select policy_version from kept); drop table kept');

    await expect(stranger.prepareDemo()).rejects.toMatchObject({ code: 'POLICY_UNAVAILABLE' });
    await stranger.close();
    expect(codes(await gateway.signIn(auditor, people[0]!.password))).toEqual([]);
  });
});
