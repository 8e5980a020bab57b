import { codes } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

/*
 * Somebody with all rights on the database, but without the gateway's keys, changes rows behind its back. Whatever they
 * do to policy versions, the head, users and grants: answers get narrower or there are none.
 */
describe('A database writer without the keys gives nobody more rights', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  const ACCOUNTS = '{ accounts { totalCount } }';
  const TAX = '{ accounts(first: 1) { nodes { taxId } } }';

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
  });
  afterAll(() => gateway?.stop());

  /** Undone afterwards, so that every case begins with what the gateway wrote. */
  async function tampered<T>(statements: readonly string[], look: () => Promise<T>): Promise<T> {
    const tables = [
      'authority_head',
      'policy_version',
      'app_user',
      'role_assignment',
      'sharing_member',
      'user_credential',
    ];
    const replica = 'set session_replication_role = replica';
    await gateway.sql(tables.map((table) => `create table keep_${table} as table ${table}`).join(';'));
    try {
      for (const statement of statements) await gateway.sql(`${replica}; ${statement}`);
      // Users are remembered as long as nobody's rights change, and so they must be read again.
      await gateway.sql('update authority_head set people_epoch = people_epoch + 1');
      return await look();
    } finally {
      const epoch = 'update authority_head set people_epoch = people_epoch + 10';
      await gateway.sql(
        [
          replica,
          ...tables
            .filter((table) => table !== 'authority_head')
            .map((table) => `delete from ${table}; insert into ${table} select * from keep_${table}`),
          `delete from authority_head; insert into authority_head select * from keep_authority_head; ${epoch}`,
          ...tables.map((table) => `drop table keep_${table}`),
        ].join(';'),
      );
    }
  }
  const seen = async (person: TestPerson, query = ACCOUNTS) => {
    const answer = await gateway.ask(person.token, query);
    return answer.body.errors
      ? codes(answer)[0]
      : (answer.body.data.accounts.totalCount ?? answer.body.data.accounts.nodes[0]);
  };

  test('before anything is touched: the limited user sees three of twelve accounts, and no tax id', async () => {
    expect(await seen(ledger.support)).toBe(3);
    expect(await seen(ledger.analyst)).toBe(12);
    expect(await seen(ledger.support, TAX)).toBe('FIELD_FORBIDDEN');
  });

  const user = () => `id = '${ledger.support.userId}'`;
  const member = () => `user_id = '${ledger.support.userId}'`;
  const cases: [string, () => string, string | number][] = [
    ['another region for a user', () => `update app_user set region = 'AMER' where ${user()}`, 'UNAUTHENTICATED'],
    [
      'another person for a user',
      () => `update app_user set person_id = '${ledger.admin.personId}' where ${user()}`,
      'UNAUTHENTICATED',
    ],
    [
      'the MAC of another user',
      () => `update app_user set mac = (select mac from app_user where id = '${ledger.admin.userId}') where ${user()}`,
      'UNAUTHENTICATED',
    ],
    ['no MAC for a user', () => `update app_user set mac = null where ${user()}`, 'UNAUTHENTICATED'],
    [
      'another role in an assignment',
      () => `update role_assignment set role_id = (select id from role where name = 'admin') where ${member()}`,
      'POLICY_UNAVAILABLE',
    ],
    [
      'the assignment of somebody else',
      () => `update role_assignment set user_id = '${ledger.support.userId}' where user_id = '${ledger.admin.userId}'`,
      'POLICY_UNAVAILABLE',
    ],
    [
      'another group in a membership',
      () =>
        `update sharing_member set group_id = (select id from sharing_group where name = 'Own account') where ${member()}`,
      'POLICY_UNAVAILABLE',
    ],
    [
      'no MAC for a membership that limits',
      () => `update sharing_member set mac = null where ${member()}`,
      'POLICY_UNAVAILABLE',
    ],
    [
      'the MAC of another membership',
      () =>
        `update sharing_member set mac = (select mac from sharing_member where not (${member()}) limit 1) where ${member()}`,
      'POLICY_UNAVAILABLE',
    ],
    [
      'a membership that never was',
      () =>
        `insert into sharing_member (id, group_id, user_id, mac) select gen_random_uuid(), id, '${ledger.support.userId}', decode(repeat('ab', 32), 'hex') from sharing_group where name = 'Own account'`,
      'POLICY_UNAVAILABLE',
    ],
    ['no condition in the tables', () => 'delete from sharing_condition', 3],
  ];
  test.each(cases)('%s', async (_, statement, expected) => {
    expect(await tampered([statement()], () => seen(ledger.support))).toBe(expected);
    expect(await seen(ledger.support)).toBe(3);
  });

  describe('policy versions', () => {
    const now = '(select policy_version from authority_head)';
    const publish = () => gateway.install([{ verb: 'create', object: 'Role', input: { name: `made-${Date.now()}` } }]);
    beforeAll(async () => {
      // The last version takes a right away.
      await gateway.lines([
        { role: 'analyst', object: 'Account', field: 'taxId', action: 'SEE_MASKED', effect: 'DENY' },
      ]);
    });

    test('the head set back before a replica has seen the later version', async () => {
      await tampered(['update authority_head set policy_version = policy_version - 1'], async () => {
        expect(await seen(ledger.analyst, TAX)).toBe('POLICY_UNAVAILABLE');
      });
      expect(await seen(ledger.analyst, TAX)).toBe('FIELD_FORBIDDEN');
    });

    const cases: [string, string[]][] = [
      ['an edited body', [`update policy_version set body = replace(body, '"DENY"', '"ALLOW"') where n = ${now}`]],
      [
        'an edited body with its new digest',
        [
          `update policy_version set body = replace(body, '"DENY"', '"ALLOW"') where n = ${now}`,
          `update policy_version set sha256 = sha256(convert_to(body, 'UTF8')) where n = ${now}`,
        ],
      ],
      [
        'the body and MAC of the version before',
        [
          `update policy_version v set (body, sha256, mac) =
            (select body, sha256, mac from policy_version o where o.n = v.n - 1) where n = ${now}`,
        ],
      ],
      [
        'a later version with the body and MAC of an earlier one',
        [
          `insert into policy_version (n, body, sha256, mac, status)
            select ${now} + 1, body, sha256, mac, status from policy_version where n = ${now} - 1`,
          'update authority_head set policy_version = policy_version + 1',
        ],
      ],
      ['the head set back', ['update authority_head set policy_version = policy_version - 1']],
      ['the head set back to nothing', ['update authority_head set policy_version = 0']],
      ['the head set to a version that is not there', ['update authority_head set policy_version = 999']],
      ['the version called a draft', [`update policy_version set status = 'draft' where n = ${now}`]],
      ['the version removed', [`delete from policy_version where n = ${now}`]],
      ['all versions removed', ['delete from policy_version']],
      ['the head removed', ['delete from authority_head']],
    ];

    test.each(cases)('%s: nothing more here, and no decision after a start', async (_, statements) => {
      await tampered(statements, async () => {
        // What a running gateway has in memory is what was published.
        expect(['POLICY_UNAVAILABLE', 'FIELD_FORBIDDEN']).toContain(await seen(ledger.analyst, TAX));
        await expect(startAnew()).rejects.toThrow('cannot be used under the root secret');
      });
      expect(await seen(ledger.analyst, TAX)).toBe('FIELD_FORBIDDEN');
    });

    test('what is published meanwhile does not take a head that was set back for its own', async () => {
      await tampered(['update authority_head set policy_version = policy_version - 1'], () =>
        expect(publish()).rejects.toMatchObject({ code: 'POLICY_UNAVAILABLE' }),
      );
    });

    /** A gateway that starts now. It does not. */
    async function startAnew(): Promise<void> {
      const fresh = await startTestGateway({ database: gateway.database, root: gateway });
      await fresh.stop();
    }
  });

  test('a people epoch that goes back brings no revoked role back', async () => {
    const leaver = await gateway.person({ name: 'Lea Ver', audience: 'STAFF', roles: ['analyst'] });
    expect(await seen(leaver)).toBe(12);
    // From now on this gateway remembers the user as of this epoch.
    await gateway.revokeRoles(leaver);
    expect(await seen(ledger.analyst)).toBe(12);
    await gateway.sql('update authority_head set people_epoch = people_epoch - 1');
    expect(await seen(leaver)).toBe('POLICY_UNAVAILABLE');
    await gateway.sql('update authority_head set people_epoch = people_epoch + 1');
    expect(await seen(leaver)).toBe('FORBIDDEN');
  });

  /*
   * A MAC says that the gateway wrote a row once, not that the row still counts or that it is still there: these two say
   * what a database writer can still do. What is left then is the trace of a change from outside, which an owner of the
   * tables can keep from being written. SECURITY.md says so.
   */
  describe('what MACs of single rows cannot stop is traced as a change from outside', () => {
    const outside = async (object: string, action: string) =>
      (
        await gateway.sql(
          `select count(*)::int as n from audit_entry where outside and object_name = '${object}' and action = '${action}'`,
        )
      )[0]!.n;

    test('an assignment that was removed and is put back as it was', async () => {
      const leaver = await gateway.person({ name: 'Re Play', audience: 'STAFF', roles: ['analyst'] });
      await gateway.sql(`create table kept as select * from role_assignment where user_id = '${leaver.userId}'`);
      await gateway.revokeRoles(leaver);
      expect(await seen(leaver)).toBe('FORBIDDEN');
      await gateway.sql('insert into role_assignment select * from kept; drop table kept');
      await gateway.sql('update authority_head set people_epoch = people_epoch + 1');
      expect(await seen(leaver)).toBe(12);
      expect(await outside('RoleAssignment', 'CREATE')).toBe(1);
    });

    test('a membership that limited somebody and is removed', async () => {
      await gateway.sql(`delete from sharing_member where user_id = '${ledger.support.userId}'`);
      await gateway.sql('update authority_head set people_epoch = people_epoch + 1');
      expect(await seen(ledger.support)).toBe(12);
      expect(await outside('SharingMember', 'DELETE')).toBe(1);
    });
  });
});
