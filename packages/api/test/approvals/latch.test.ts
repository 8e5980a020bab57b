import { openGates } from '../../src/capabilities/approvals';
import { starterPolicy } from '../../src/starter/starter-policy';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

const SET = `mutation ($changes: [ChangeInput!]!) { applyChangeSet(changes: $changes) {
  records { id } pendingChange { id status } userErrors { code message } } }`;

describe('From the first start on', () => {
  let gateway: TestGateway;
  const clock = { now: new Date('2026-05-04T09:00:00.000Z') };
  beforeAll(async () => {
    gateway = await startTestGateway({ now: () => clock.now });
    await gateway.install(starterPolicy(gateway.catalogue));
  });
  afterAll(() => gateway.stop());

  const makeProduct = async (who: TestPerson) => {
    const create = `mutation { createProduct(input: { name: "Thing", code: "T" }) { product { id } pendingChange { id } } }`;
    const { data } = (await gateway.ask(who.token, create)).body;
    return data.createProduct.pendingChange === null ? 'applied' : 'held';
  };

  test('gates are open until a second person is a security admin for good, then they close by themselves', async () => {
    const maker = await gateway.person({ name: 'Mara Keller', audience: 'STAFF', roles: ['pricing-maker'] });
    expect(await makeProduct(maker)).toBe('applied');
    const admin = await gateway.person({ name: 'Adina Monk', audience: 'STAFF', roles: ['security-admin'] });
    expect(await makeProduct(maker)).toBe('applied');
    const roleId = (await gateway.roleIds()).get('security-admin');
    // A second account of the same person is nobody else.
    await gateway.install([
      {
        verb: 'create',
        object: 'User',
        as: 'u',
        input: { personId: admin.personId, email: 'again@example.com', audience: 'STAFF' },
      },
      { verb: 'create', object: 'RoleAssignment', input: { roleId, userId: '@u' } },
    ]);
    expect(await makeProduct(maker)).toBe('applied');
    const guest = await gateway.person({ name: 'Guido Gast', audience: 'STAFF' });
    const validUntil = '2027-01-01T00:00:00.000Z';
    await gateway.install([
      { verb: 'create', object: 'RoleAssignment', input: { roleId, userId: guest.userId, validUntil } },
    ]);
    expect(await makeProduct(maker)).toBe('applied');
    // The one admin makes the second one alone: there is nobody yet who could agree.
    const second = await gateway.person({ name: 'Adam Twill', audience: 'STAFF' });
    const { body } = await gateway.ask(admin.token, SET, {
      changes: [{ createRoleAssignment: { input: { roleId, userId: second.userId } } }],
    });
    expect(body.data.applyChangeSet).toMatchObject({ pendingChange: null, userErrors: [] });
    expect(await makeProduct(maker)).toBe('held');
  });

  test('only the ceremony on the machine opens them again: for a while, and with a trace', async () => {
    const again = async (who: TestPerson) => ({ ...who, token: await gateway.tokenOf(who.userId) });
    const maker = await gateway.person({ name: 'Mika Kern', audience: 'STAFF', roles: ['pricing-maker'] });
    expect(await makeProduct(maker)).toBe('held');
    const { core } = gateway;
    const { snapshot } = await core.snapshots.refresh();
    const until = new Date(clock.now.getTime() + 600_000);
    const deps = { dataSource: core.writes.dataSource, policyKey: core.macKeys.policy };
    await openGates(deps, snapshot, { now: clock.now, until, reason: 'Both admins have left' });
    expect(await makeProduct(maker)).toBe('applied');
    const traced = await gateway.sql(`select reason from audit_entry where action='SYSTEM' and reason like 'Both%'`);
    expect(traced).toEqual([{ reason: 'Both admins have left' }]);
    clock.now = new Date(until.getTime() + 1);
    expect(await makeProduct(await again(maker))).toBe('held');
  });
});

describe('The last two security admins', () => {
  let world: ApprovalWorld;
  let assignment: string;
  beforeAll(async () => {
    world = await approvalWorld();
    const [row] = await world.gateway.sql(`select id from role_assignment where user_id='${world.adminTwo.userId}'`);
    assignment = row!.id as string;
  });
  afterAll(() => world.close());

  const ask = async (changes: readonly unknown[]) => {
    const { body } = await world.gateway.ask(world.adminOne.token, SET, { changes });
    const { userErrors, pendingChange } = body.data?.applyChangeSet ?? {};
    return body.errors?.[0]?.extensions.code ?? userErrors[0]?.code ?? pendingChange?.status;
  };
  const admins = async () =>
    (
      await world.gateway.sql(`select a.id from role_assignment a join role r on r.id=a.role_id join app_user u
        on u.id=a.user_id where r.name='security-admin' and u.status='ACTIVE' and u.audience='STAFF'
        and a.valid_until is null and (a.valid_from is null or a.valid_from<now())`)
    ).length;

  const LATER = '2030-01-01T00:00:00.000Z';
  test.each<[string, () => object, string]>([
    ['taking the role away', () => ({ deleteRoleAssignment: { id: assignment, expectedVersion: 1 } }), 'IN_USE'],
    [
      'an end that is set to the role',
      () => ({ updateRoleAssignment: { id: assignment, expectedVersion: 1, input: { validUntil: LATER } } }),
      'IN_USE',
    ],
    [
      'a beginning that is still to come',
      () => ({ updateRoleAssignment: { id: assignment, expectedVersion: 1, input: { validFrom: LATER } } }),
      'IN_USE',
    ],
    [
      'disabling the user',
      () => ({ updateUser: { id: world.adminTwo.userId, expectedVersion: 1, input: { status: 'DISABLED' } } }),
      'IN_USE',
    ],
    [
      'making a portal user of them',
      () => ({ updateUser: { id: world.adminTwo.userId, expectedVersion: 1, input: { audience: 'PORTAL' } } }),
      'IN_USE',
    ],
    ['deleting the user', () => ({ deleteUser: { id: world.adminTwo.userId, expectedVersion: 1 } }), 'IN_USE'],
    ['deleting the person', () => ({ deletePerson: { id: world.adminTwo.personId, expectedVersion: 1 } }), 'IN_USE'],
  ])('do not go by %s', async (_way, change, code) => {
    expect(await ask([change()])).toBe(code);
    expect(await admins()).toBe(2);
  });

  test('do not go by another name of the role, by a denial, or by what the role inherits', async () => {
    const { gateway } = world;
    const ids = await gateway.roleIds();
    const roleId = ids.get('security-admin')!;
    const rename = { updateRole: { id: roleId, expectedVersion: 1, input: { name: 'nobody-in-particular' } } };
    expect(await ask([rename])).toBe('FORBIDDEN');
    const denial = { roleId, objectName: 'ApprovalRule', action: 'APPROVE', effect: 'DENY' };
    expect(await ask([{ createObjectPermission: { input: denial } }])).toBe('FORBIDDEN');
    expect(await ask([{ createRoleInheritance: { input: { roleId, inheritsId: ids.get('auditor') } } }])).toBe(
      'FORBIDDEN',
    );
    // Not even the installation itself takes the name away.
    await expect(
      gateway.install([{ verb: 'update', object: 'Role', id: roleId, input: { name: 'nobody-in-particular' } }]),
    ).rejects.toThrow(/Two security admins/);
  });

  test('who is one by a role that inherits it does not go by the end of that inheritance', async () => {
    const { gateway } = world;
    const roleId = (await gateway.roleIds()).get('security-admin')!;
    const made = await gateway.install([
      { verb: 'create', object: 'Role', as: 'chief', input: { name: 'chief' } },
      { verb: 'create', object: 'RoleInheritance', input: { roleId: '@chief', inheritsId: roleId } },
      { verb: 'create', object: 'RoleAssignment', input: { roleId: '@chief', userId: world.adminTwo.userId } },
    ]);
    await gateway.install([{ verb: 'delete', object: 'RoleAssignment', id: assignment }]);
    const inheritance = made.find(({ object }) => object === 'RoleInheritance')!.id;
    expect(await ask([{ deleteRoleInheritance: { id: inheritance, expectedVersion: 1 } }])).toBe('IN_USE');
    const [back] = await gateway.install([
      { verb: 'create', object: 'RoleAssignment', input: { roleId, userId: world.adminTwo.userId } },
    ]);
    assignment = back!.id;
    await gateway.install([...made].reverse().map(({ object, id }) => ({ verb: 'delete' as const, object, id })));
  });

  test('do not go by two requests at once, each of which would leave enough of them', async () => {
    const { gateway } = world;
    const fields = ['role', 'user', 'validFrom', 'validUntil'];
    await gateway.install(
      gateway.roleRecords('people-desk', [
        ...fields.map((field) => ({ object: 'RoleAssignment', field, action: 'SEE_CLEAR' })),
        { object: 'RoleAssignment', action: 'DELETE' },
      ]),
    );
    // The maker is no admin: else maker and checker would always remain.
    const desk = await gateway.person({ name: 'Desi Desk', audience: 'STAFF', roles: ['people-desk'] });
    const third = await gateway.person({ name: 'Thea Dritte', audience: 'STAFF', roles: ['security-admin'] });
    const remove = async ({ userId }: TestPerson) => {
      const [row] = await gateway.sql(`select id from role_assignment where user_id='${userId}'`);
      const changes = [{ deleteRoleAssignment: { id: row!.id, expectedVersion: 1 } }];
      const { pendingChange } = await world.as(desk, SET, { changes });
      const { digest } = await world.review(world.adminTwo, pendingChange.id);
      return { id: pendingChange.id as string, digest };
    };
    const requests = [await remove(world.adminOne), await remove(third)];
    const outcomes = await Promise.all(
      requests.map((input) => world.as(world.adminTwo, DECIDE('approveChange'), { input })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['APPLIED', 'CONFLICTED']);
    expect(outcomes.find(({ status }) => status === 'CONFLICTED').outcome).toMatch(/Two security admins/);
    expect(await admins()).toBe(2);
  });
});
