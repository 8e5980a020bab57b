import type { PolicyBody } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import { Client } from 'pg';
import type { GivenChange } from '../../../src/records/change';
import { startTestGateway, type TestGateway } from '../../harness/test-gateway';
import { createTables, fillTable } from './create-tables';
import { catalogueOf, type PrincipalFacts, type World, type WorldPerson } from './world';

/** Documents are here to be answered, so only what says something about records limits them. */
const SETTINGS = { MAX_COST: '100000000', MAX_ALIASES: '2000', MAX_SELECTIONS: '20000', MAX_DEPTH: '40' };

/** Built-in objects that were there before anybody could be enrolled. */
const FIRST = ['Person', 'Account'];

/** A person of the world who has signed in: what both executors know about them. */
export interface EnrolledPerson extends WorldPerson {
  readonly token: string;
  readonly values: PrincipalFacts;
  readonly groupIds: readonly string[];
}

export interface OpenWorld {
  readonly world: World;
  readonly catalogue: Catalogue;
  readonly gateway: TestGateway;
  /** The policy as the world says it, not as the gateway stored it; groups are named by their ids. */
  readonly body: PolicyBody;
  readonly people: readonly EnrolledPerson[];
  close(): Promise<void>;
}

/** A gateway that serves the world: its tables and rows by SQL, its policy and people through the write path. */
export async function openWorld(world: World): Promise<OpenWorld> {
  const catalogue = catalogueOf(world);
  const gateway = await startTestGateway({ catalogue, settings: SETTINGS });
  try {
    const { groupIds, people } = await fillWorld(gateway, world);
    const body: PolicyBody = {
      catalogueRevision: 'world',
      roles: world.roles,
      lines: world.lines.map((line, index) => ({ ...line, id: `line ${index}` })),
      sharing: world.sharing,
      groups: world.groups.map(({ name, access, conditions }) => {
        return { id: groupIds.get(name)!, name, access, conditions };
      }),
      cellRules: (world.cells ?? []).map((rule, index) => ({ ...rule, id: `cell ${index}` })),
    };
    return { world, catalogue, gateway, body, people, close: () => gateway.stop() };
  } catch (error) {
    await gateway.stop();
    throw error;
  }
}

async function fillWorld(gateway: TestGateway, world: World): Promise<Policy> {
  const { catalogue, database } = gateway;
  const client = new Client({ connectionString: database.adminUrl, options: '-c search_path=countersign' });
  await client.connect();
  try {
    await createTables(client, catalogue);
    const fill = (object: string, idFor: (value: string) => string) =>
      fillTable(client, catalogue, object, world.rows[object] ?? [], idFor);
    for (const object of FIRST) await fill(object, (value) => value);
    const policy = await installPolicy(gateway, world);
    const known = new Map<string, string>(
      policy.people.flatMap(({ values }, index) => [
        [`@user:${index}`, values.userId!] as const,
        [`@person:${index}`, values.personId!] as const,
      ]),
    );
    for (const object of Object.keys(world.rows)) {
      if (!FIRST.includes(object)) await fill(object, (value) => known.get(value) ?? value);
    }
    return policy;
  } finally {
    await client.end();
  }
}

interface Policy {
  readonly groupIds: ReadonlyMap<string, string>;
  readonly people: readonly EnrolledPerson[];
}

const create = (object: string, input: Record<string, unknown>, as?: string): GivenChange => {
  return { verb: 'create', object, input, ...(as === undefined ? {} : { as }) };
};
const word = (text: string) => text.toUpperCase().replace('-', '_');

/** Installs policy and people in one change set. */
async function installPolicy(gateway: TestGateway, world: World): Promise<Policy> {
  const groupAs = (name: string) => `group${world.groups.findIndex((group) => group.name === name)}`;
  const emailOf = (index: number) => `person.${index}@example.com`;
  const records = await gateway.install([
    ...world.roles.map(({ name }) => create('Role', { name }, name)),
    ...world.roles.flatMap(({ name, inherits }) =>
      inherits.map((parent) => create('RoleInheritance', { roleId: `@${name}`, inheritsId: `@${parent}` })),
    ),
    ...world.lines.map(({ role, object, field, action, effect }) => {
      const line = { roleId: `@${role}`, objectName: object, action: word(action), effect: word(effect) };
      if (field === '-') return create('ObjectPermission', line);
      return create('FieldPermission', { ...line, fieldName: field });
    }),
    ...world.sharing.map(({ object, sharing }) =>
      create('ObjectSetting', { objectName: object, sharing: word(sharing) }),
    ),
    ...world.groups.flatMap(({ name, access, conditions, roles }) => [
      create('SharingGroup', { name, access: word(access) }, groupAs(name)),
      ...conditions.map(({ object, condition }) =>
        create('SharingCondition', { groupId: `@${groupAs(name)}`, objectName: object, condition }),
      ),
      ...roles.map((role) => create('SharingMember', { groupId: `@${groupAs(name)}`, roleId: `@${role}` })),
    ]),
    ...(world.cells ?? []).map(({ role, object, field, condition }) =>
      create('CellRule', { roleId: `@${role}`, objectName: object, fieldName: field, condition }),
    ),
    ...world.people.flatMap(({ name, audience, account, region, roles, groups }, index) => [
      create('Person', { fullName: name }, `person${index}`),
      create(
        'User',
        { personId: `@person${index}`, email: emailOf(index), audience: word(audience), accountId: account, region },
        `user${index}`,
      ),
      ...roles.map((role) => create('RoleAssignment', { roleId: `@${role}`, userId: `@user${index}` })),
      ...groups.map((group) => create('SharingMember', { groupId: `@${groupAs(group)}`, userId: `@user${index}` })),
    ]),
  ]);
  const idsOf = (object: string) => records.filter((record) => record.object === object).map(({ id }) => id);
  const [madeGroups, persons, users] = [idsOf('SharingGroup'), idsOf('Person'), idsOf('User')];
  const groupIds = new Map(world.groups.map(({ name }, index) => [name, madeGroups[index]!]));
  const people = world.people.map(async (person, index): Promise<EnrolledPerson> => {
    const held = new Set(person.roles);
    // A set may grow while it is walked.
    for (const role of held) {
      for (const parent of world.roles.find((one) => one.name === role)!.inherits) held.add(parent);
    }
    const ofRoles = world.groups.filter(({ roles }) => roles.some((role) => held.has(role)));
    const groups = new Set([...person.groups, ...ofRoles.map((group) => group.name)]);
    const { account: accountId, region } = person;
    return {
      ...person,
      token: await gateway.tokenOf(users[index]!),
      values: {
        userId: users[index]!,
        personId: persons[index]!,
        accountId,
        region,
        email: emailOf(index),
        clientId: null,
      },
      groupIds: [...groups].map((group) => groupIds.get(group)!),
    };
  });
  return { groupIds, people: await Promise.all(people) };
}
