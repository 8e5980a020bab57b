import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Two gateways on one database. Nothing tells one what the other has published: there is only the row that every
 * statement checks.
 */
describe('A right that was taken away is gone from the next statement on, on every replica', () => {
  let first: TestGateway;
  let second: TestGateway;
  let ledger: SampleLedger;
  const QUERY = '{ invoices(first: 1) { totalCount } }';

  beforeEach(async () => {
    first = await startTestGateway();
    ledger = await sampleLedger(first);
    second = await startTestGateway({ database: first.database, root: first });
  });
  afterEach(async () => {
    await second.stop();
    await first.stop();
  });

  /** Holds the second gateway's reads back between plan and statement until `release` is called. */
  function holdReads(change: (text: string) => string = (text) => text): {
    waiting: Promise<void>;
    release: () => void;
  } {
    const { pool } = second.core.database;
    const run = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
    let release = () => {};
    let arrived = () => {};
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    (pool as { query: unknown }).query = async (...args: unknown[]) => {
      const [query] = args as [{ text?: string; name?: string } | string];
      if (typeof query === 'object' && query.text?.includes(' as data from authority_head')) {
        arrived();
        await gate;
        return run({ ...query, text: change(query.text), name: undefined });
      }
      return run(...args);
    };
    return { waiting, release };
  }

  test('a role assignment that one gateway removes counts for nothing on the other', async () => {
    expect((await second.ask(ledger.analyst.token, QUERY)).body.data.invoices.totalCount).toBe(48);
    await first.revokeRoles(ledger.analyst);
    const { body } = await second.ask(ledger.analyst.token, QUERY);
    expect(body.data).toEqual({ invoices: null });
    expect(body.errors![0]!.extensions.code).toBe('FORBIDDEN');
  });

  test('a read that was planned before the revoke and runs after it is decided anew', async () => {
    await second.ask(ledger.analyst.token, QUERY);
    const held = holdReads();
    const answer = second.ask(ledger.analyst.token, QUERY);
    await held.waiting;
    await first.revokeRoles(ledger.analyst);
    held.release();
    expect((await answer).body.data).toEqual({ invoices: null });
  });

  test('that is the work of the head predicate: without it the same read would answer', async () => {
    await second.ask(ledger.analyst.token, QUERY);
    const held = holdReads((text) =>
      text.replace(
        / where h\.policy_version=\$1::bigint and h\.people_epoch=\$2::bigint$/,
        ' where $1::bigint is not null and $2::bigint is not null',
      ),
    );
    const answer = second.ask(ledger.analyst.token, QUERY);
    await held.waiting;
    await first.revokeRoles(ledger.analyst);
    held.release();
    expect((await answer).body.data.invoices.totalCount).toBe(48);
  });

  test('a denied field is closed on the other gateway at once, in data and in the schema', async () => {
    const query = '{ invoices(first: 1) { nodes { total } } }';
    expect((await second.ask(ledger.analyst.token, query)).body.errors).toBeUndefined();
    await first.lines([{ role: 'analyst', object: 'Invoice', field: 'total', action: 'SEE_MASKED', effect: 'DENY' }]);
    const { body } = await second.ask(ledger.analyst.token, query);
    expect(body.errors).toMatchObject([{ extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Invoice.total' } }]);
    expect(body.data.invoices.nodes).toEqual([{ total: null }]);
    expect((await second.get('/schema.graphql', ledger.analyst.token)).text).not.toMatch(/^ {2}total: Decimal/m);
  });

  test('a disabled user is signed out everywhere', async () => {
    await second.ask(ledger.analyst.token, QUERY);
    await first.install([{ verb: 'update', object: 'User', id: ledger.analyst.userId, input: { status: 'DISABLED' } }]);
    const { status, body } = await second.ask(ledger.analyst.token, QUERY);
    expect(body.data?.invoices ?? null).toBeNull();
    expect(body.errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    expect((await second.ask(ledger.analyst.token, QUERY)).status).toBe(401);
    expect([200, 401]).toContain(status);
  });

  test('a head that somebody sets back closes the gateway instead of bringing old rights back', async () => {
    await second.ask(ledger.analyst.token, QUERY);
    await first.sql('update authority_head set policy_version = policy_version - 1');
    const { body } = await second.ask(ledger.analyst.token, QUERY);
    expect(body.data?.invoices ?? null).toBeNull();
    expect(body.errors![0]!.extensions.code).toBe('POLICY_UNAVAILABLE');
    await first.sql('update authority_head set policy_version = policy_version + 1');
    expect((await second.ask(ledger.analyst.token, QUERY)).body.data.invoices.totalCount).toBe(48);
  });

  test('a published version that was altered in the database is not used, and nothing older either', async () => {
    await first.lines([{ role: 'analyst', object: 'Account', field: 'name', action: 'SEE_MASKED', effect: 'DENY' }]);
    await first.sql('alter table policy_version disable trigger all');
    await first.sql(
      `update policy_version set body = replace(body, '"DENY"', '"ALLOW"') where n = (select policy_version from authority_head)`,
    );
    const { body } = await second.ask(ledger.analyst.token, QUERY);
    expect(body.errors![0]!.extensions.code).toBe('POLICY_UNAVAILABLE');
  });

  describe('what is inserted by psql grants nothing', () => {
    test('a permission', async () => {
      await first.sql(`insert into field_permission (id, version, created_at, updated_at, role_id, object_name, field_name, action, effect)
        select gen_random_uuid(), 1, now(), now(), id, 'Account', 'creditLimit', 'SEE_CLEAR', 'ALLOW' from role where name = 'analyst'`);
      const query = '{ accounts(first: 1) { nodes { creditLimit } } }';
      expect((await second.ask(ledger.analyst.token, query)).body.errors).toMatchObject([
        { extensions: { code: 'FIELD_FORBIDDEN' } },
      ]);
      // Publishing something else does not carry it in.
      await first.lines([{ role: 'analyst', object: 'Account', field: 'updatedAt', action: 'SEE_CLEAR' }]);
      expect((await first.ask(ledger.analyst.token, query)).body.errors).toMatchObject([
        { extensions: { code: 'FIELD_FORBIDDEN' } },
      ]);
    });

    test('a role assignment, also one copied from a genuine row', async () => {
      const nobody = await first.person({ name: 'No Role', audience: 'STAFF' });
      await first.sql(`insert into role_assignment (id, version, created_at, updated_at, role_id, user_id, mac)
        select gen_random_uuid(), 1, created_at, updated_at, role_id, '${nobody.userId}', mac from role_assignment limit 1`);
      await first.sql('update authority_head set people_epoch = people_epoch + 1');
      expect((await second.ask(nobody.token, QUERY)).body.errors).toMatchObject([
        { extensions: { code: 'POLICY_UNAVAILABLE' } },
      ]);
      await first.sql(`delete from role_assignment where user_id = '${nobody.userId}'`);
      expect((await second.ask(nobody.token, QUERY)).body.errors).toMatchObject([
        { extensions: { code: 'FORBIDDEN' } },
      ]);
    });

    test('a password hash', async () => {
      await first.sql(`update user_credential set password_hash = (select password_hash from user_credential where user_id = '${ledger.analyst.userId}')
        where user_id = '${ledger.secondAnalyst.userId}'`);
      const { body } = await second.signIn(ledger.secondAnalyst.email, ledger.analyst.password);
      expect(body.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    });
  });
});

describe('Holders of a role that inherits another are limited like holders of that one', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    await sampleLedger(gateway);
  });
  afterAll(() => gateway.stop());

  test('permissions never come along without the sharing groups that limit them', async () => {
    const roles = await gateway.roleIds();
    const [group] = await gateway.sql(`select id from sharing_group where name = 'EMEA'`);
    await gateway.install([
      { verb: 'create', object: 'SharingMember', input: { groupId: group!.id, roleId: roles.get('support') } },
      { verb: 'create', object: 'Role', as: 'deputy', input: { name: 'deputy' } },
      { verb: 'create', object: 'RoleInheritance', input: { roleId: '@deputy', inheritsId: roles.get('support') } },
    ]);
    const deputy = await gateway.person({ name: 'Dep Uty', audience: 'STAFF', roles: ['deputy'] });
    const { body } = await gateway.ask(
      deputy.token,
      '{ accounts { totalCount nodes { region } } viewer { sharingGroups { name } } }',
    );
    expect(body.data.accounts.totalCount).toBe(3);
    expect(new Set(body.data.accounts.nodes.map(({ region }: { region: string }) => region))).toEqual(
      new Set(['EMEA']),
    );
    expect(body.data.viewer.sharingGroups).toEqual([{ name: 'EMEA' }]);
  });
});
