import type { GivenChange } from '../../src/records/change';
import { starterPolicy } from '../../src/starter/starter-policy';
import { codes } from '../harness/answers';
import { type Answer, startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

/*
 * Somebody who may change configuration tries to end up with more rights than they began with: directly, in two steps,
 * through data that conditions look at, and through other people's sign-ins.
 */
describe('Nobody gives themselves rights', () => {
  let gateway: TestGateway;
  let admin: TestPerson;
  let colleague: TestPerson;
  let secondUserId: string;
  let roles: Map<string, string>;
  let freeGroup: string;
  let atFirst: unknown;

  beforeAll(async () => {
    gateway = await startTestGateway();
    const closed = ['Account', 'Client', 'Contract'];
    await gateway.install([
      ...starterPolicy(gateway.catalogue).map((change) =>
        change.object === 'ObjectSetting' && closed.includes(String(change.input!.objectName))
          ? { ...change, input: { ...change.input, sharing: 'GROUPS_ONLY' } }
          : change,
      ),
      ...['EMEA', 'AMER'].map(
        (region): GivenChange => ({
          verb: 'create',
          object: 'Account',
          input: { name: `${region} account`, region, segment: 'CONSUMER', currency: 'EUR' },
        }),
      ),
      { verb: 'create', object: 'Client', input: { name: 'A program', audience: 'STAFF' } },
    ]);
    const [group] = await gateway.install([
      { verb: 'create', object: 'SharingGroup', as: 'free', input: { name: 'Free', access: 'READ_WRITE' } },
      { verb: 'create', object: 'SharingCondition', input: { groupId: '@free', objectName: 'Account', condition: {} } },
    ]);
    freeGroup = group!.id;
    await gateway.install([
      { verb: 'create', object: 'Role', as: 'base', input: { name: 'apac-base' } },
      { verb: 'create', object: 'Role', as: 'once', input: { name: 'apac-once' } },
      { verb: 'create', object: 'RoleInheritance', input: { roleId: '@once', inheritsId: '@base' } },
      { verb: 'create', object: 'SharingGroup', as: 'apac', input: { name: 'APAC', access: 'READ_WRITE' } },
      { verb: 'create', object: 'SharingMember', input: { groupId: '@apac', roleId: '@base' } },
      {
        verb: 'create',
        object: 'SharingCondition',
        input: { groupId: '@apac', objectName: 'Account', condition: { region: { eq: 'APAC' } } },
      },
    ]);
    await gateway.install(
      gateway.roleRecords('helpdesk', [
        { object: 'User', field: 'email', action: 'SEE_CLEAR' },
        { object: 'User', field: 'region', action: 'CHANGE' },
        { object: 'User', action: 'UPDATE' },
      ]),
    );
    roles = await gateway.roleIds();
    admin = await gateway.person({ name: 'Sly Admin', audience: 'STAFF', roles: ['security-admin'] });
    colleague = await gateway.person({ name: 'Col League', audience: 'STAFF', roles: ['security-admin'] });
    const [second] = await gateway.install([
      {
        verb: 'create',
        object: 'User',
        input: { personId: admin.personId, email: 'sly.second@example.com', audience: 'STAFF' },
      },
    ]);
    secondUserId = second!.id;
    await gateway.install([
      {
        verb: 'create',
        object: 'RoleAssignment',
        input: { roleId: role('apac-once'), userId: secondUserId, validUntil: '2020-01-01T00:00:00Z' },
      },
    ]);
    atFirst = await rightsOf(admin.userId);
  });
  afterAll(() => gateway?.stop());

  const set = (token: string, changes: object[]): Promise<Answer> =>
    gateway.ask(
      token,
      `mutation ($changes: [ChangeInput!]!) {
        applyChangeSet(changes: $changes) { records { object id version } userErrors { code field message } }
      }`,
      { changes },
    );
  /** Everything that a user may see, change and reach, as they are told themselves. */
  const rightsOf = async (userId: string): Promise<unknown> => {
    const token = await gateway.tokenOf(userId);
    const objects = [...gateway.catalogue.objects.values()];
    const fields = objects.map(({ name }) => `f_${name}: fields(object: "${name}") { name see change }`);
    const roots = objects.filter(({ name }) => name !== 'AuditEntry').map(({ plural }) => `${plural} { totalCount }`);
    const { body } = await gateway.ask(
      token,
      `{ viewer { roles { name } sharingGroups { name } ${fields.join(' ')} } }`,
    );
    const reach = await gateway.ask(token, `{ ${roots.join(' ')} }`);
    return { ...body.data, reach: reach.body.data };
  };
  const footprint = () =>
    gateway.sql(
      `select policy_version, people_epoch, (select count(*) from audit_entry where action <> 'DENIED') from authority_head`,
    );
  const one = async (table: string, where: string): Promise<{ id: string; expectedVersion: number }> => {
    const [row] = await gateway.sql(`select id, version from ${table} where ${where}`);
    return { id: String(row!.id), expectedVersion: Number(row!.version) };
  };
  const role = (name: string) => roles.get(name)!;
  const line = (roleId: string, more: object = {}) => ({
    createFieldPermission: {
      input: { roleId, objectName: 'Account', fieldName: 'taxId', action: 'SEE_CLEAR', effect: 'ALLOW', ...more },
    },
  });
  const open = async (objectName: string) => ({
    updateObjectSetting: {
      ...(await one('object_setting', `object_name = '${objectName}'`)),
      input: { sharing: 'OPEN' },
    },
  });

  const attempts: [string, () => Promise<object[]>][] = [
    ['by opening an object of which they see only names', async () => [await open('Account')]],
    ['by opening an object of the configuration', async () => [await open('Client')]],
    [
      'by opening an object whose setting they remove and make anew',
      async () => [
        { deleteObjectSetting: await one('object_setting', `object_name = 'Account'`) },
        { createObjectSetting: { input: { objectName: 'Account', sharing: 'OPEN' } } },
      ],
    ],
    [
      'by a new role with rights that their role inherits in the same set',
      async () => [
        { createRole: { as: 'rich', input: { name: 'rich' } } },
        line('@rich'),
        { createRoleInheritance: { input: { roleId: role('security-admin'), inheritsId: '@rich' } } },
      ],
    ],
    [
      'by a new role that what they inherit inherits',
      async () => [
        { createRole: { as: 'rich', input: { name: 'rich' } } },
        line('@rich'),
        { createRoleInheritance: { input: { roleId: role('staff'), inheritsId: '@rich' } } },
      ],
    ],
    ['by a line of the role at the bottom, which all inherit', async () => [line(role('staff'))]],
    [
      'by renaming their role out of the way and another one into its name',
      async () => [
        { updateRole: { ...(await one('role', `name = 'security-admin'`)), input: { name: 'was-admin' } } },
        { updateRole: { ...(await one('role', `name = 'auditor'`)), input: { name: 'security-admin' } } },
      ],
    ],
    [
      'by a new group that all holders of their role are in',
      async () => [
        { createSharingGroup: { as: 'all', input: { name: 'All', access: 'READ_WRITE' } } },
        { createSharingCondition: { input: { groupId: '@all', objectName: 'Account', condition: {} } } },
        { createSharingMember: { input: { groupId: '@all', roleId: role('security-admin') } } },
      ],
    ],
    [
      'by a membership of the role that theirs inherits',
      async () => [{ createSharingMember: { input: { groupId: freeGroup, roleId: role('staff') } } }],
    ],
    [
      'by a membership of their second sign-in',
      async () => [{ createSharingMember: { input: { groupId: freeGroup, userId: secondUserId } } }],
    ],
    [
      'by taking the limit of the audit log off their role',
      async () => [
        {
          deleteSharingMember: await one(
            'sharing_member',
            `group_id = (select id from sharing_group where name like 'History%')`,
          ),
        },
      ],
    ],
    [
      'by widening the condition of the audit log',
      async () => [
        {
          updateSharingCondition: {
            ...(await one('sharing_condition', `group_id = (select id from sharing_group where name like 'History%')`)),
            input: { condition: {} },
          },
        },
      ],
    ],
    [
      'by the group of a role that a role inherits which they held once',
      async () => [
        {
          updateSharingCondition: {
            ...(await one('sharing_condition', `object_name = 'Account' and condition = '{"region": {"eq": "APAC"}}'`)),
            input: { condition: {} },
          },
        },
      ],
    ],
    [
      'by a third sign-in of their own, with a role, in one set',
      async () => [
        {
          createUser: {
            as: 'third',
            input: { personId: admin.personId, email: 'third@example.com', audience: 'STAFF' },
          },
        },
        { createRoleAssignment: { input: { roleId: role('auditor'), userId: '@third' } } },
      ],
    ],
    [
      'by a role for their second sign-in that begins tomorrow',
      async () => [
        {
          createRoleAssignment: {
            input: { roleId: role('auditor'), userId: secondUserId, validFrom: '2099-01-01T00:00:00Z' },
          },
        },
      ],
    ],
    [
      'by an account and a region for their own sign-in',
      async () => [{ updateUser: { ...(await one('app_user', `id = '${admin.userId}'`)), input: { region: 'EMEA' } } }],
    ],
    [
      'by a harmless change that stands before a harmful one',
      async () => [
        { createRole: { input: { name: 'harmless' } } },
        { createRoleAssignment: { input: { roleId: role('auditor'), userId: colleague.userId } } },
        { createRoleAssignment: { input: { roleId: role('auditor'), userId: admin.userId } } },
      ],
    ],
  ];

  test.each(attempts)('%s', async (_, changes) => {
    const before = await footprint();
    const answer = await set(admin.token, await changes());
    expect(codes(answer)).toEqual(['FORBIDDEN']);
    expect(answer.body.errors![0]!.message).toBe('You may not change your own rights.');
    expect(await footprint()).toEqual(before);
  });

  test('after all these attempts they may do what they could do before', async () => {
    expect(await rightsOf(admin.userId)).toEqual(atFirst);
  });

  test('what concerns others only is allowed: opening what they cannot see, closing what they can', async () => {
    const close = {
      updateObjectSetting: {
        ...(await one('object_setting', `object_name = 'RateClass'`)),
        input: { sharing: 'GROUPS_ONLY' },
      },
    };
    const answer = await set(admin.token, [await open('Contract'), close]);
    expect(answer.body).toMatchObject({ data: { applyChangeSet: { userErrors: [] } } });
    const reopen = {
      updateObjectSetting: {
        ...(await one('object_setting', `object_name = 'RateClass'`)),
        input: { sharing: 'OPEN' },
      },
    };
    expect(codes(await set(admin.token, [reopen]))).toEqual([]);
  });

  describe('through the sign-in of somebody else', () => {
    let helper: TestPerson;
    const setPassword = (token: string, userId: string) =>
      gateway.ask(token, 'mutation ($input: SetPasswordInput!) { setPassword(input: $input) { changed reasons } }', {
        input: { userId, newPassword: 'ninety grey pelicans at noon' },
      });

    beforeAll(async () => {
      helper = await gateway.person({ name: 'Hel Pdesk', audience: 'STAFF', roles: ['helpdesk'] });
    });

    test('who may change one field of users does not set the password of an admin', async () => {
      expect(codes(await setPassword(helper.token, admin.userId))).toEqual(['FORBIDDEN']);
      const [row] = await gateway.sql(
        `select changed_at > now() - interval '1 year' as fresh, password_hash from user_credential where user_id = '${admin.userId}'`,
      );
      expect(row).toBeDefined();
      expect(codes(await gateway.signIn(admin.email, 'ninety grey pelicans at noon'))).toEqual(['UNAUTHENTICATED']);
    });

    test('nor their own second one, nor that of a user whom they may not reach', async () => {
      expect(codes(await setPassword(admin.token, secondUserId))).toEqual(['FORBIDDEN']);
      expect(codes(await setPassword(admin.token, '00000000-0000-7000-8000-000000000000'))).toEqual(['NOT_FOUND']);
    });

    test('who loses the right while the user is looked up does not set a password any more', async () => {
      const leaving = await gateway.person({ name: 'Lea Ving', audience: 'STAFF', roles: ['security-admin'] });
      const { pool } = gateway.core.database;
      const run = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
      let revoked = false;
      (pool as { query: unknown }).query = async (...args: unknown[]) => {
        if (!revoked && String(args[0]).includes('select exists(')) {
          revoked = true;
          await gateway.revokeRoles(leaving);
          // Whoever holds no role may still be in a group that lets them touch users.
          await gateway.install([
            { verb: 'create', object: 'SharingMember', input: { groupId: freeGroup, userId: leaving.userId } },
          ]);
        }
        return run(...args);
      };
      try {
        const answer = await setPassword(leaving.token, helper.userId);
        expect(revoked).toBe(true);
        expect(codes(answer)).toEqual(['FORBIDDEN']);
      } finally {
        delete (pool as { query?: unknown }).query;
      }
      expect(codes(await gateway.signIn(helper.email, helper.password))).toEqual([]);
    });
  });
});
