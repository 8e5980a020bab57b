import { randomId } from '@countersign/crypto';
import { findDrift } from '../../src/capabilities/permissions';
import { HeadMoved } from '../../src/path/under-head';
import { applyChanges } from '../../src/path/write-path';
import type { ChangeOutcome, GivenChange } from '../../src/records/change';
import { ACCOUNT, type People, peopleIn } from './people';
import { create, createWorld, footprint, imageOf, remove, traces, update, type World } from './world';

let world: World;
let people: People;

beforeAll(async () => {
  world = await createWorld();
  people = await peopleIn(world);
});

afterAll(() => world?.close());

const ids = (outcome: ChangeOutcome): string[] => {
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.userErrors));
  return outcome.records.map(({ id }) => id);
};
const admin = async (...changes: GivenChange[]) => ids(await world.apply(people.admin, ...changes));
const line = (roleId: string, more: Record<string, unknown> = {}) =>
  create('FieldPermission', {
    roleId,
    objectName: 'Account',
    fieldName: 'name',
    action: 'CHANGE',
    effect: 'ALLOW',
    ...more,
  });
let names = 0;
const roleName = () => `role-${++names}`;

async function somebody(): Promise<string> {
  const [id] = await admin(create('Person', { fullName: 'Nell New' }));
  return id!;
}

describe('publishing', () => {
  test('a change of configuration publishes the next version, moves the head and is traced like any other change', async () => {
    const { head } = await world.store.refresh();
    const [id] = await admin(line(people.freeRole, { fieldName: 'status' }));
    const { head: after, snapshot } = await world.store.refresh();
    expect(after).toEqual({ policyVersion: head.policyVersion + 1, peopleEpoch: head.peopleEpoch });
    expect(snapshot.policyRecords.records.FieldPermission[id!]).toEqual(await imageOf(world, 'FieldPermission', id!));
    expect(await traces(world, id)).toMatchObject([{ action: 'CREATE', policy_version: head.policyVersion }]);
    const publication = (await traces(world)).at(-1)!;
    const { rows } = await world.pool.query(
      `select encode(sha256,'hex') as digest, created_by from policy_version where n=$1`,
      [after.policyVersion],
    );
    expect(publication).toMatchObject({
      action: 'PUBLISH',
      slots: { policyVersion: [head.policyVersion, after.policyVersion], sha256: [null, rows[0].digest] },
    });
    expect(rows[0].created_by).toBe(people.admin);
  });

  test('what was published decides from the next request on', async () => {
    const role = roleName();
    const [roleId] = await admin(create('Role', { name: role }));
    const [userId] = await admin(
      create('User', { personId: await somebody(), email: `${role}@example.com`, audience: 'STAFF' }),
    );
    await admin(
      create('RoleAssignment', { roleId, userId }),
      create('SharingMember', { groupId: people.emea, userId }),
    );
    const attempt = () => world.apply(userId!, update('Account', people.emeaAccount, { name: `By ${role}` }));
    await expect(attempt()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await admin(
      create('ObjectPermission', { roleId, objectName: 'Account', action: 'UPDATE', effect: 'ALLOW' }),
      line(roleId!),
      line(roleId!, { action: 'SEE_CLEAR' }),
    );
    expect(await attempt()).toMatchObject({ kind: 'applied' });
  });

  test('assignments, memberships and sign-ins raise the people epoch and publish nothing', async () => {
    const { head } = await world.store.refresh();
    const [assignment] = await admin(create('RoleAssignment', { roleId: people.freeRole, userId: people.clerk }));
    await admin(remove('RoleAssignment', assignment!));
    expect((await world.store.refresh()).head).toEqual({ ...head, peopleEpoch: head.peopleEpoch + 2 });
  });

  test('whoever listens hears of the new head', async () => {
    const client = await world.pool.connect();
    try {
      const heard = new Promise<string>((resolve) => client.on('notification', ({ payload }) => resolve(payload!)));
      await client.query('listen countersign_head');
      await admin(create('Role', { name: roleName() }));
      const { head } = await world.store.refresh();
      expect(await heard).toBe(`${head.policyVersion}.${head.peopleEpoch}`);
    } finally {
      client.removeAllListeners('notification');
      client.release(true);
    }
  });

  test.each([
    ['a misspelt field', () => [line(people.freeRole, { fieldName: 'nmae' })], /line .*: Account has no field "nmae"/],
    ['an unknown object', () => [line(people.freeRole, { objectName: 'Acount' })], /"Acount" is not an object/],
    [
      'roles that inherit each other',
      () => [
        create('Role', { name: 'first' }, 'first'),
        create('Role', { name: 'second' }, 'second'),
        create('RoleInheritance', { roleId: '@first', inheritsId: '@second' }),
        create('RoleInheritance', { roleId: '@second', inheritsId: '@first' }),
      ],
      /inherits itself/,
    ],
    [
      'a condition on a field that does not exist',
      () => [
        create('SharingGroup', { name: 'Odd' }, 'odd'),
        create('SharingCondition', { groupId: '@odd', objectName: 'Account', condition: { colour: { eq: 'red' } } }),
      ],
      /group "Odd": /,
    ],
  ])('%s is refused as POLICY_INVALID, and nothing is written', async (_, changes, message) => {
    const before = await footprint(world);
    const outcome = await world.apply(people.admin, ...changes());
    expect(outcome).toMatchObject({
      kind: 'refused',
      userErrors: expect.arrayContaining([
        { code: 'POLICY_INVALID', field: null, message: expect.stringMatching(message) },
      ]),
    });
    expect(await footprint(world)).toEqual(before);
  });
});

describe('behind the back of the gateway', () => {
  afterEach(async () => {
    await world.owner.query(`delete from field_permission where created_by is null and version=77`);
  });
  const plant = async (): Promise<string> => {
    const id = randomId();
    await world.owner.query(
      `insert into field_permission (id, version, role_id, object_name, field_name, action, effect)
        values ($1, 77, $2, 'Account', 'creditLimit', 'CHANGE', 'ALLOW')`,
      [id, people.freeRole],
    );
    return id;
  };

  test('a permission that a database owner inserts has no effect, also when other changes are published', async () => {
    const id = await plant();
    await admin(create('Role', { name: roleName() }));
    const { snapshot } = await world.store.refresh();
    expect(snapshot.policyRecords.records.FieldPermission[id]).toBeUndefined();
    expect(snapshot.policy.body.lines.some((published) => published.id === id)).toBe(false);
  });

  test('it cannot be updated or removed through the gateway', async () => {
    const id = await plant();
    for (const change of [update('FieldPermission', id, { effect: 'DENY' }), remove('FieldPermission', id)]) {
      await expect(world.apply(people.admin, change)).rejects.toMatchObject({ code: 'CONFLICT' });
    }
  });

  test('a published record that was changed by hand cannot be changed through the gateway', async () => {
    const [id] = await admin(create('Role', { name: roleName(), description: 'as published' }));
    await world.owner.query(`update role set description='by hand' where id=$1`, [id]);
    await expect(world.apply(people.admin, update('Role', id!, { name: roleName() }))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await world.owner.query(`update role set description='as published' where id=$1`, [id]);
    expect(await world.apply(people.admin, update('Role', id!, { name: roleName() }))).toMatchObject({
      kind: 'applied',
    });
  });

  test('drift is found: what was added, changed and removed by hand', async () => {
    const [kept, gone] = await admin(
      create('Role', { name: roleName(), description: 'as published' }),
      create('Role', { name: roleName() }),
    );
    const snapshot = async () => (await world.store.refresh()).snapshot;
    expect(await findDrift(world.owner, await snapshot())).toEqual([]);
    const added = await plant();
    const name = (await imageOf(world, 'Role', gone!))!.name;
    await world.owner.query(`update role set description='by hand' where id=$1`, [kept]);
    await world.owner.query('delete from role where id=$1', [gone]);
    const drift = await findDrift(world.pool, await snapshot());
    expect(drift).toHaveLength(3);
    expect(drift).toEqual(
      expect.arrayContaining([
        { object: 'FieldPermission', id: added, kind: 'added', members: [] },
        { object: 'Role', id: kept, kind: 'changed', members: ['description'] },
        { object: 'Role', id: gone, kind: 'removed', members: [] },
      ]),
    );
    const old = await snapshot();
    await admin(create('Role', { name: roleName() }));
    expect(await findDrift(world.pool, old)).toBeNull();
    await world.owner.query(`update role set description='as published' where id=$1`, [kept]);
    await world.owner.query(
      `insert into role (id, version, created_at, updated_at, created_by, updated_by, name) values ($1,1,$2,$2,$3,$3,$4)`,
      [gone, world.clock.toISOString(), people.admin, name],
    );
    const [left, ...others] = (await findDrift(world.pool, await snapshot()))!;
    expect([left?.id, others]).toEqual([added, []]);
  });

  test('an assignment without the MAC of the gateway grants nothing, and no update can give it one', async () => {
    const id = randomId();
    await world.owner.query('insert into role_assignment (id, role_id, user_id) values ($1,$2,$3)', [
      id,
      people.securityRole,
      people.clerk,
    ]);
    await expect(world.as(people.clerk)).rejects.toMatchObject({ code: 'POLICY_UNAVAILABLE' });
    const change = update('RoleAssignment', id, { validUntil: '2031-01-01T00:00:00Z' });
    await expect(world.apply(people.admin, change)).rejects.toMatchObject({ code: 'INTEGRITY' });
    expect(await world.apply(people.admin, remove('RoleAssignment', id))).toMatchObject({ kind: 'applied' });
    expect((await world.as(people.clerk)).principal.roles).not.toContain('security');
  });
});

describe('the head', () => {
  const meta = { requestId: 'req-2', now: new Date('2026-03-05T00:00:00Z') };
  const rename = () => update('Account', people.emeaAccount, { name: 'Renamed late' });

  test('a change decided under an older head is not committed, whether it is about rights or not', async () => {
    const under = await world.as(people.clerk);
    const adminUnder = await world.as(people.admin);
    await admin(create('Role', { name: roleName() }));
    const before = await footprint(world);
    await expect(applyChanges(world.deps, under, meta, [rename()])).rejects.toThrow(HeadMoved);
    await expect(applyChanges(world.deps, adminUnder, meta, [create('Role', { name: roleName() })])).rejects.toThrow(
      HeadMoved,
    );
    expect(await footprint(world)).toEqual(before);
  });

  test('a refusal under an older head tells nothing about records either', async () => {
    const under = await world.as(people.clerk);
    await admin(create('Role', { name: roleName() }));
    const account = people.emeaAccount;
    const [contract] = await world.install(
      create('Contract', { accountId: account, number: roleName(), currency: 'EUR', startsOn: '2026-01-01' }),
    );
    const bill = { number: '1', currency: 'EUR', issuedOn: '2026-01-02', dueOn: '2026-01-03' };
    for (const change of [
      update('Account', account, { name: 'Late' }, 99),
      update('Account', people.amerAccount, { name: 'Late' }),
      update('Contract', contract!, { endsOn: '2020-01-01' }),
      create('Invoice', { ...bill, accountId: people.amerAccount }),
      create('Account', { ...ACCOUNT, region: 'AMER' }),
      remove('Account', account),
    ]) {
      await expect(applyChanges(world.deps, under, meta, [change])).rejects.toThrow(HeadMoved);
    }
  });

  test('a write that is under way when rights change waits for the outcome and is refused', async () => {
    const under = await world.as(people.clerk);
    const blocker = await world.owner.connect();
    try {
      await blocker.query('begin');
      await blocker.query('update authority_head set people_epoch=people_epoch+1');
      const writing = applyChanges(world.deps, under, meta, [rename()]);
      const outcome = expect(writing).rejects.toThrow(HeadMoved);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await blocker.query('commit');
      await outcome;
    } finally {
      blocker.release();
    }
    expect(await imageOf(world, 'Account', people.emeaAccount)).not.toMatchObject({ name: 'Renamed late' });
  });

  test('of two admins who publish at the same time one has to decide anew, and no version is lost', async () => {
    const under = await world.as(people.admin);
    const settled = await Promise.allSettled(
      [1, 2].map(() => applyChanges(world.deps, under, meta, [create('Role', { name: roleName() })])),
    );
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(HeadMoved) });
    expect((await world.store.refresh()).head.policyVersion).toBe(under.head.policyVersion + 1);
  });

  test('ordinary changes leave the head alone', async () => {
    const { head } = await world.store.refresh();
    await world.apply(people.clerk, create('Account', ACCOUNT));
    expect((await world.store.refresh()).head).toEqual(head);
  });
});
