import { decideChange } from '../../src/capabilities/approvals/decide-change';
import { Identify } from '../../src/capabilities/identity/identify';
import type { TestPerson } from '../harness/test-gateway';
import { DECIDE } from './approval-world';
import { type DeskWorld, deskWorld } from './desk-world';

let world: DeskWorld;
let maker: TestPerson;
let anna: TestPerson;
let bert: TestPerson;
const CHECKERS = { levels: [{ role: 'second-pair' }] };

beforeAll(async () => {
  world = await deskWorld();
  await world.role('second-pair');
  maker = await world.member('Maja Kert');
  anna = await world.member('Anna Adler', 'second-pair');
  bert = await world.member('Bert Busch', 'second-pair');
});
afterAll(() => world.close());

const give = async (userId: string, role: string) =>
  world.gateway.install([
    {
      verb: 'create',
      object: 'RoleAssignment',
      input: { userId, roleId: (await world.gateway.roleIds()).get(role) },
    },
  ]);

/** Another sign-in of a person, with roles of its own. */
async function secondAccount(of: TestPerson, ...roles: string[]): Promise<TestPerson> {
  const email = `second.${roles.join('.')}.${of.email}`;
  const [user] = await world.gateway.install([
    { verb: 'create', object: 'User', input: { personId: of.personId, email, audience: 'STAFF' } },
  ]);
  for (const role of ['desk', ...roles]) await give(user!.id, role);
  return { ...of, email, userId: user!.id, token: await world.gateway.tokenOf(user!.id) };
}

describe('Maker and checker are two people, whatever they come as:', () => {
  test('a maker with another token and another session is still the maker', async () => {
    const both = await world.member('Tora Ken', 'second-pair');
    await world.under(CHECKERS, async () => {
      const id = await world.rename(both, await world.account(), 'By both');
      const { body } = await world.gateway.signIn(both.email, both.password);
      const again = { ...both, token: body.data.signIn.accessToken as string };
      expect(again.token).not.toBe(both.token);
      expect(await world.sign(both, id)).toBe('FORBIDDEN');
      expect(await world.sign(again, id)).toBe('FORBIDDEN');
      expect(await world.sign(anna, id)).toBe('APPLIED');
    });
  });

  test('a second account of the maker with the checkers’ role does not sign', async () => {
    const other = await secondAccount(maker, 'second-pair');
    await world.under(CHECKERS, async () => {
      const id = await world.rename(maker, await world.account(), 'By another name');
      expect(await world.sign(other, id)).toBe('FORBIDDEN');
      // Nor the other way round: what the second account asks for, the first does not sign.
      const theirs = await world.rename(other, await world.account(), 'By yet another');
      await give(maker.userId, 'second-pair');
      expect(await world.sign(maker, theirs)).toBe('FORBIDDEN');
      await world.gateway.revokeRoles(maker);
      await give(maker.userId, 'desk');
    });
  });

  test('two accounts of one checker are one signature', async () => {
    const other = await secondAccount(anna, 'second-pair');
    await world.under({ levels: [{ role: 'second-pair', quorum: 2 }] }, async () => {
      const id = await world.rename(maker, await world.account(), 'Signed twice');
      expect(await world.sign(anna, id)).toBe('PENDING');
      expect(await world.sign(other, id)).toBe('ALREADY_DECIDED');
      expect(await world.sign(bert, id)).toBe('APPLIED');
    });
  });

  test('one person signs one level of two, whatever roles they have', async () => {
    const owl = await world.role('owls');
    const both = await world.member('Olga Wolf', 'second-pair', owl);
    await world.under({ levels: [{ role: 'second-pair' }, { level: 2, role: owl }] }, async () => {
      const id = await world.rename(maker, await world.account(), 'Two levels');
      expect(await world.sign(both, id)).toBe('PENDING');
      expect(await world.sign(both, id)).toBe('ALREADY_DECIDED');
      expect(await world.sign(anna, id)).toBe('FORBIDDEN');
      const second = await world.member('Otto Wolf', owl);
      expect(await world.sign(second, id)).toBe('APPLIED');
    });
  });

  test('a maker who signs as the delegate of a checker is still the maker', async () => {
    const away = await world.member('Awa Fort', 'second-pair');
    await world.delegate(away, maker);
    await world.under(CHECKERS, async () => {
      const id = await world.rename(maker, await world.account(), 'As a delegate');
      expect(await world.sign(maker, id, { onBehalfOf: away.personId })).toBe('FORBIDDEN');
    });
  });

  test('a maker who signs for an absent checker learns no hidden totals of a change of their own', async () => {
    const away = await world.member('Awi Fern', 'second-pair');
    await world.delegate(away, maker);
    await world.under({ ...CHECKERS, revealsHiddenTotals: true }, async () => {
      const id = await world.rename(maker, await world.account(), 'To find out');
      const totals = 'query ($id: ID!) { pendingChangeImpact(id: $id) { kind hidden { subscriptions } } }';
      expect(await world.as(anna, totals, { id })).toEqual({ kind: 'FIGURES', hidden: { subscriptions: 0 } });
      expect(await world.as(maker, totals, { id })).toEqual({ kind: 'FIGURES', hidden: null });
    });
  });

  test('nobody signs for an absent maker', async () => {
    const author = await world.member('Arno Thor', 'second-pair');
    const friend = await world.member('Frida Enders');
    await world.delegate(author, friend);
    await world.delegate(author, anna);
    await world.under(CHECKERS, async () => {
      const id = await world.rename(author, await world.account(), 'For the maker');
      expect(await world.sign(friend, id, { onBehalfOf: author.personId })).not.toBe('APPLIED');
      expect(await world.sign(anna, id, { onBehalfOf: author.personId })).toBe('FORBIDDEN');
      expect(await world.statusOf(id)).toBe('PENDING');
    });
  });

  test('a delegation is not handed on: the delegate of a delegate signs for neither', async () => {
    const [first, second, third] = [
      await world.member('Fiona Erst', 'second-pair'),
      await world.member('Zoe Zweit'),
      await world.member('Dora Dritt'),
    ];
    await world.delegate(first, second);
    await world.delegate(second, third);
    await world.under(CHECKERS, async () => {
      const id = await world.rename(maker, await world.account(), 'Handed on');
      expect(await world.sign(third, id, { onBehalfOf: first.personId })).not.toBe('APPLIED');
      expect(await world.sign(third, id, { onBehalfOf: second.personId })).not.toBe('APPLIED');
      expect(await world.sign(second, id)).toBe('FORBIDDEN');
      expect(await world.sign(second, id, { onBehalfOf: first.personId })).toBe('APPLIED');
    });
  });

  test('one delegate of two checkers is one signature, and so are a checker and their delegate', async () => {
    const delegate = await world.member('Della Gates');
    await world.delegate(anna, delegate);
    await world.delegate(bert, delegate);
    await world.under({ levels: [{ role: 'second-pair', quorum: 2 }] }, async () => {
      const id = await world.rename(maker, await world.account(), 'For two');
      expect(await world.sign(delegate, id, { onBehalfOf: anna.personId })).toBe('PENDING');
      expect(await world.sign(delegate, id, { onBehalfOf: bert.personId })).toBe('ALREADY_DECIDED');
      expect(await world.sign(anna, id)).toBe('ALREADY_DECIDED');
      expect(await world.sign(bert, id)).toBe('APPLIED');
    });
  });

  test('somebody who is not away has no delegate, and nobody is their own', async () => {
    await world.under(CHECKERS, async () => {
      const id = await world.rename(maker, await world.account(), 'Not away');
      const lone = await world.member('Lone Ranger', 'second-pair');
      expect(await world.sign(anna, id, { onBehalfOf: lone.personId })).toBe('FORBIDDEN');
      expect(await world.sign(anna, id, { onBehalfOf: anna.personId })).toBe('FORBIDDEN');
      expect(await world.sign(anna, id)).toBe('APPLIED');
    });
  });

  test('a path that leads back to the maker leads to nobody, and the change waits', async () => {
    const boss = await world.member('Bossa Nova');
    const owner = await world.member('Owen Ort');
    await world.gateway.install([
      { verb: 'update', object: 'Person', id: owner.personId, input: { managerId: boss.personId } },
    ]);
    const account = await world.account({ ownerId: owner.personId });
    await world.under({ levels: [{ path: 'owner.manager' }] }, async () => {
      const own = await world.rename(boss, account, 'By the boss');
      const seen = await world.review(boss, own);
      expect(seen).toMatchObject({ status: 'PENDING', outcome: expect.stringMatching(/Too few people/) });
      for (const who of [boss, owner, anna]) expect(await world.sign(who, own)).not.toBe('APPLIED');
      const theirs = await world.rename(owner, account, 'By the owner');
      expect(await world.sign(boss, theirs)).toBe('APPLIED');
    });
  });

  test('a maker who makes a friend the owner meanwhile does not choose who signs', async () => {
    const [owner, friend] = [await world.member('Rita Recht'), await world.member('Fritz Freund')];
    const account = await world.account({ ownerId: owner.personId });
    await world.under({ fields: ['name'], levels: [{ path: 'owner' }] }, async () => {
      const id = await world.rename(maker, account, 'For a friend');
      const handed = await world.set(maker, [
        { updateAccount: { id: account, expectedVersion: 1, input: { ownerId: friend.personId } } },
      ]);
      expect(handed.pendingChange).toBeNull();
      expect(await world.sign(friend, id)).toBe('PENDING');
      expect(await world.sign(owner, id)).toBe('APPLIED');
      // In one breath it does not help either.
      const input = { name: 'At once', ownerId: maker.personId };
      const { version } = (await world.accountOf(account))!;
      const both = await world.set(maker, [{ updateAccount: { id: account, expectedVersion: version, input } }]);
      expect(await world.sign(friend, both.pendingChange!.id)).toBe('APPLIED');
    });
  });

  test('nobody edits, withdraws or takes over what somebody else has asked for', async () => {
    await world.under(CHECKERS, async () => {
      const account = await world.account();
      const id = await world.rename(maker, account, 'Mine');
      const change = { updateAccount: { id: account, expectedVersion: 1, input: { name: 'Theirs' } } };
      const set = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
        applyChangeSet(changes: $changes, submission: $submission) { pendingChange { id } } }`;
      const revising = { changes: [change], submission: { revises: id } };
      expect(await world.refusal(anna, set, revising)).toBe('NOT_FOUND');
      const withdraw = 'mutation ($id: ID!) { withdrawChange(input: { id: $id }) { status } }';
      expect(await world.refusal(anna, withdraw, { id })).toBe('NOT_FOUND');
      expect((await world.review(anna, id)).revision).toBe(1);
      expect(await world.sign(anna, id)).toBe('APPLIED');
      expect((await world.accountOf(account))?.name).toBe('Mine');
    });
  });

  test('an approval of what was seen before an edit counts for nothing', async () => {
    await world.under({ levels: [{ role: 'second-pair', quorum: 2 }] }, async () => {
      const account = await world.account();
      const id = await world.rename(maker, account, 'Harmless');
      const { digest } = await world.review(anna, id);
      expect(await world.sign(bert, id)).toBe('PENDING');
      const change = { updateAccount: { id: account, expectedVersion: 1, input: { name: 'Harmful' } } };
      await world.set(maker, [change], { revises: id });
      expect(await world.refusal(anna, DECIDE('approveChange'), { input: { id, digest } })).toBe('CONFLICT');
      expect(await world.sign(anna, id)).toBe('PENDING');
      expect((await world.review(bert, id)).requirements).toMatchObject([{ needed: 2, given: 1 }]);
      expect(await world.sign(bert, id)).toBe('APPLIED');
    });
  });

  test('nobody becomes somebody else by a second account that they make for them', async () => {
    const { gateway, adminOne } = world;
    const input = { personId: maker.personId, email: 'maja.two@example.com', audience: 'STAFF' };
    const create = 'mutation ($input: UserCreateInput!) { createUser(input: $input) { user { id } } }';
    const { user } = await world.as(adminOne, create, { input });
    const set = 'mutation ($input: SetPasswordInput!) { setPassword(input: $input) { changed } }';
    const chosen = { input: { userId: user.id, newPassword: 'a long and quiet river bend' } };
    expect(await world.refusal(adminOne, set, chosen)).toBe('FORBIDDEN');
    expect((await gateway.signIn(input.email, chosen.input.newPassword)).body.errors).toBeDefined();
  });

  test('a user moved to another person behind the gateway’s back is nobody at all', async () => {
    const twin = await world.member('Twyla Ince', 'second-pair');
    await world.under(CHECKERS, async () => {
      const id = await world.rename(twin, await world.account(), 'Moved');
      const stranger = await world.member('Stella Range');
      await world.gateway.sql(`update app_user set person_id='${stranger.personId}' where id='${twin.userId}'`);
      await world.gateway.sql('update authority_head set people_epoch=people_epoch+1');
      expect(await world.sign(twin, id)).toBe('UNAUTHENTICATED');
      // And no verb moves one: a user is made for a person, for good.
      const move = `mutation ($id: ID!, $input: UserUpdateInput!) {
        updateUser(id: $id, expectedVersion: 1, input: $input) { user { id } } }`;
      const input = { personId: stranger.personId };
      expect(await world.refusal(world.adminOne, move, { id: maker.userId, input })).toBe('BAD_USER_INPUT');
    });
  });

  test('a client that acts for the maker is the maker, and a client by itself is nobody who could agree', async () => {
    const both = await world.member('Clio Bothe', 'second-pair');
    await world.under(CHECKERS, async () => {
      const id = await world.rename(both, await world.account(), 'By a program');
      const { core } = world.gateway;
      const identify = new Identify({ ...core.database, ...core, macKey: core.macKeys.rows });
      const { snapshot, head, principal } = await identify.principalFor(`Bearer ${both.token}`, core.now);
      const { digest } = await world.review(anna, id);
      const decision = { id, kind: 'APPROVE', digest, comment: null, onBehalfOf: null } as const;
      // No client can sign in yet; this is what one would come as.
      const clientId = '00000000-0000-7000-8000-00000000c11e';
      for (const personId of [both.personId, null]) {
        const values = { ...principal.values, personId, clientId };
        const under = { snapshot, head, principal: { ...principal, values } as typeof principal };
        const authority = await snapshot.authorityOf(under.principal);
        const signed = decideChange(core.queue, { ...under, authority }, decision, {
          requestId: null,
          now: core.now(),
        });
        await expect(signed).rejects.toMatchObject({ code: 'FORBIDDEN', detail: { because: 'maker-checker' } });
      }
      expect(await world.sign(anna, id)).toBe('APPLIED');
    });
  });

  test('nobody agrees to a change of their own rights, though a colleague asks for it', async () => {
    const create = `mutation ($input: RoleAssignmentCreateInput!) {
      createRoleAssignment(input: $input) { pendingChange { id } } }`;
    const roleId = (await world.gateway.roleIds()).get('pricing-checker');
    const third = await world.gateway.person({ name: 'Thea Dritte', audience: 'STAFF', roles: ['security-admin'] });
    const input = { roleId, userId: world.adminTwo.userId };
    const { pendingChange } = await world.as(world.adminOne, create, { input });
    expect(await world.sign(world.adminTwo, pendingChange.id)).toBe('FORBIDDEN');
    expect(await world.sign(third, pendingChange.id)).toBe('APPLIED');
  });
});
