import type { ChangeOutcome, GivenChange } from '../../src/records/change';
import { type People, peopleIn } from './people';
import { create, createWorld, footprint, remove, update, type World } from './world';

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

/** The id of the only record of an object that has these values. */
async function find(object: string, values: Record<string, unknown>): Promise<string> {
  const { rows } = await world.pool.query(
    `select id from ${world.catalogue.objects.get(object)!.table} t where ${Object.keys(values)
      .map((column, i) => `${column}=$${i + 1}`)
      .join(' and ')}`,
    Object.values(values),
  );
  expect(rows).toHaveLength(1);
  return rows[0].id;
}

describe('own rights', () => {
  const securityLine = () =>
    find('FieldPermission', {
      role_id: people.securityRole,
      object_name: 'Role',
      field_name: 'name',
      action: 'CHANGE',
    });
  const refused: [string, () => Promise<GivenChange> | GivenChange][] = [
    ['a role for themselves', () => create('RoleAssignment', { roleId: people.clerkRole, userId: people.admin })],
    [
      'a role for their second sign-in',
      () => create('RoleAssignment', { roleId: people.clerkRole, userId: people.adminSecond }),
    ],
    [
      'the end of their own assignment',
      async () =>
        update('RoleAssignment', await find('RoleAssignment', { user_id: people.admin }), {
          validUntil: '2030-01-01T00:00:00Z',
        }),
    ],
    [
      'the removal of their own assignment',
      async () => remove('RoleAssignment', await find('RoleAssignment', { user_id: people.admin })),
    ],
    ['a permission of their own role', () => line(people.securityRole)],
    ['a permission of a role that theirs inherits', () => line(people.baseRole)],
    [
      'an existing permission of their own role',
      async () => update('FieldPermission', await securityLine(), { fieldName: '*' }),
    ],
    ['the removal of a permission of their own role', async () => remove('FieldPermission', await securityLine())],
    [
      'an action for their own role',
      () =>
        create('ObjectPermission', {
          roleId: people.securityRole,
          objectName: 'Account',
          action: 'DELETE',
          effect: 'ALLOW',
        }),
    ],
    [
      'a further role for their role to inherit',
      () => create('RoleInheritance', { roleId: people.securityRole, inheritsId: people.freeRole }),
    ],
    [
      'a further role for an inherited one to inherit',
      () => create('RoleInheritance', { roleId: people.baseRole, inheritsId: people.freeRole }),
    ],
    [
      'the removal of what their role inherits',
      async () => remove('RoleInheritance', await find('RoleInheritance', { role_id: people.securityRole })),
    ],
    ['the name of their own role', () => update('Role', people.securityRole, { name: 'renamed' })],
    ['a membership for themselves', () => create('SharingMember', { groupId: people.emea, userId: people.admin })],
    [
      'a membership for their second sign-in',
      () => create('SharingMember', { groupId: people.emea, userId: people.adminSecond }),
    ],
    [
      'a membership for their role',
      () => create('SharingMember', { groupId: people.emea, roleId: people.securityRole }),
    ],
    [
      'the end of their own membership',
      async () => remove('SharingMember', await find('SharingMember', { user_id: people.admin })),
    ],
    ['the access of their own group', () => update('SharingGroup', people.securityGroup, { access: 'READ_WRITE' })],
    [
      'a condition of their own group',
      () => create('SharingCondition', { groupId: people.securityGroup, objectName: 'Account', condition: {} }),
    ],
    ['their own sign-in', () => update('User', people.admin, { audience: 'PORTAL' })],
    ['their own second sign-in', () => update('User', people.adminSecond, { email: 'other@example.com' })],
    [
      'a third sign-in of their own',
      () => create('User', { personId: people.adminPerson, email: 'sol3@example.com', audience: 'STAFF' }),
    ],
  ];

  test.each(refused)('an admin with every permission may not change %s', async (_, change) => {
    const given = await change();
    const before = await footprint(world);
    await expect(world.apply(people.admin, given)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      detail: { message: 'You may not change your own rights.' },
    });
    expect(await footprint(world)).toEqual(before);
  });

  test('the same changes about somebody else are allowed', async () => {
    await admin(
      create('RoleAssignment', { roleId: people.freeRole, userId: people.clerk, validUntil: '2026-01-01T00:00:00Z' }),
      line(people.freeRole),
      create('RoleInheritance', { roleId: people.freeRole, inheritsId: people.clerkRole }),
      update('SharingGroup', people.emea, { description: 'Europe' }),
      update('Role', people.freeRole, { description: 'for nobody' }),
    );
  });

  test('a role that ended counts as own all the same', async () => {
    const [roleId] = await admin(create('Role', { name: roleName() }));
    await world.install(
      create('RoleAssignment', { roleId, userId: people.adminSecond, validUntil: '2020-01-01T00:00:00Z' }),
    );
    await expect(world.apply(people.admin, line(roleId!))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a user without rights is told about the right that is missing, not about own rights', async () => {
    const change = create('RoleAssignment', { roleId: people.securityRole, userId: people.clerk });
    await expect(world.apply(people.clerk, change)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      detail: { coordinate: 'RoleAssignment' },
    });
  });
});
