import type { RequestScope } from '../../src/path/request-scope';
import { createWriteResolvers } from '../../src/path/write-path';
import { ACCOUNT, INVOICE, type People, peopleIn } from './people';
import { create, createWorld, footprint, imageOf, traces, type World } from './world';

let world: World;
let people: People;

beforeAll(async () => {
  world = await createWorld();
  people = await peopleIn(world);
});

afterAll(() => world?.close());

interface Request extends RequestScope {
  refreshed: number;
}

/** A request of a user; what `onRefresh` does comes after each refresh. */
async function request(userId: string, onRefresh: () => Promise<void> = async () => {}): Promise<Request> {
  const scope: Request = {
    requestId: 'req-w',
    receivedAt: world.clock,
    source: '127.0.0.1',
    documentKey: '',
    httpStatus: null,
    errors: [],
    withheld: [],
    denials: [],
    tally: { records: {}, statements: 0, cost: 0, verdict: 'ok' },
    under: await world.as(userId),
    refreshed: 0,
    revalidate: () => true,
    async hasMoved() {
      const { head } = await world.store.refresh();
      return head.policyVersion !== scope.under.head.policyVersion || head.peopleEpoch !== scope.under.head.peopleEpoch;
    },
    async refresh() {
      scope.refreshed += 1;
      scope.under = await world.as(userId);
      await onRefresh();
      return scope.under;
    },
    limited: (run) => run(),
  };
  return scope;
}

const resolvers = () => createWriteResolvers(world.deps);
let names = 0;
const changeRights = async () => {
  await world.install(create('Role', { name: `other-${++names}` }));
};

describe('payloads', () => {
  test('a create and an update answer the id of the record, a delete answers none', async () => {
    const scope = await request(people.clerk);
    const made = await resolvers().change(scope, 'Account', 'create', { input: ACCOUNT });
    const id = made.account as string;
    expect(made).toEqual({ account: id, pendingChange: null, userErrors: [] });
    const updated = await resolvers().change(scope, 'Account', 'update', {
      id,
      expectedVersion: 1,
      input: { name: 'New' },
    });
    expect(updated).toEqual({ account: id, pendingChange: null, userErrors: [] });
    const removed = await resolvers().change(scope, 'Account', 'delete', { id, expectedVersion: 2 });
    expect(removed).toEqual({ account: null, pendingChange: null, userErrors: [] });
    expect(scope.tally.records).toEqual({ Account: 3 });
    expect((await traces(world, id)).map(({ action, request_id }) => [action, request_id])).toEqual([
      ['CREATE', 'req-w'],
      ['UPDATE', 'req-w'],
      ['DELETE', 'req-w'],
    ]);
  });

  test('unacceptable input is an answer, not an error', async () => {
    const payload = await resolvers().change(await request(people.clerk), 'Account', 'create', {
      input: { ...ACCOUNT, region: 'MOON' },
    });
    expect(payload).toMatchObject({ account: null, userErrors: [{ code: 'INVALID', field: ['input', 'region'] }] });
  });

  test('a change set answers object, id and version of each record', async () => {
    const scope = await request(people.clerk);
    const [other] = await world.install(create('Account', ACCOUNT));
    const payload = await resolvers().changeSet(scope, {
      changes: [
        { createAccount: { as: 'a', input: ACCOUNT } },
        { createInvoice: { input: { ...INVOICE, accountId: '@a' } } },
        { updateAccount: { id: people.emeaAccount, expectedVersion: 1, input: { parentId: '@a' } } },
        { deleteAccount: { id: other, expectedVersion: 1 } },
      ],
    });
    expect(payload).toMatchObject({
      records: [
        { object: 'Account', version: 1 },
        { object: 'Invoice', version: 1 },
        { object: 'Account', id: people.emeaAccount, version: 2 },
        { object: 'Account', id: other, version: null },
      ],
      pendingChange: null,
      userErrors: [],
    });
    expect(await imageOf(world, 'Invoice', (payload.records as { id: string }[])[1]!.id)).not.toBeNull();
  });

  test('errors in a change set say where in the arguments', async () => {
    const payload = await resolvers().changeSet(await request(people.clerk), {
      changes: [
        { createAccount: { input: ACCOUNT } },
        { createInvoice: { input: { ...INVOICE, accountId: '@none' } } },
      ],
    });
    expect(payload).toMatchObject({
      records: [],
      userErrors: [{ code: 'NOT_FOUND', field: ['changes', '1', 'createInvoice', 'input', 'accountId'] }],
    });
  });

  test.each([0, 101])('a change set of %i changes is refused', async (count) => {
    const changes = Array.from({ length: count }, () => ({ createAccount: { input: ACCOUNT } }));
    await expect(resolvers().changeSet(await request(people.clerk), { changes })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });
});

describe('when rights change meanwhile', () => {
  test('the change is decided once more under the new rights, and applied', async () => {
    const scope = await request(people.clerk);
    await changeRights();
    const payload = await resolvers().change(scope, 'Account', 'create', { input: ACCOUNT });
    expect(payload).toMatchObject({ userErrors: [], account: expect.any(String) });
    expect(scope.refreshed).toBe(1);
    expect((await traces(world, payload.account as string))[0]!.policy_version).toBe(scope.under.head.policyVersion);
  });

  test('a right that was just taken away does not hold any more', async () => {
    const scope = await request(people.clerk);
    const { rows } = await world.pool.query(
      `select id from object_permission where role_id=$1 and object_name='Account' and action='CREATE'`,
      [people.clerkRole],
    );
    await world.install({ verb: 'update', object: 'ObjectPermission', id: rows[0].id, input: { effect: 'DENY' } });
    const before = await footprint(world);
    await expect(resolvers().change(scope, 'Account', 'create', { input: ACCOUNT })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await footprint(world)).toEqual(before);
    await world.install({ verb: 'update', object: 'ObjectPermission', id: rows[0].id, input: { effect: 'ALLOW' } });
  });

  test('when they keep changing, no decision can be made now', async () => {
    const scope = await request(people.clerk, changeRights);
    await changeRights();
    const before = await footprint(world);
    await expect(resolvers().change(scope, 'Account', 'create', { input: ACCOUNT })).rejects.toMatchObject({
      code: 'POLICY_UNAVAILABLE',
    });
    const after = await footprint(world);
    expect(after.account).toBe(before.account);
  });

  test('after a change of rights the rest of the request runs under the new head', async () => {
    const scope = await request(people.admin);
    const { policyVersion } = scope.under.head;
    await resolvers().change(scope, 'Role', 'create', { input: { name: 'mid-request' } });
    expect(scope.under.head.policyVersion).toBe(policyVersion + 1);
    const second = await resolvers().change(scope, 'Role', 'create', { input: { name: 'mid-request-2' } });
    expect(second).toMatchObject({ userErrors: [] });
    expect(scope.refreshed).toBe(2);
  });
});
