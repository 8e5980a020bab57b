import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

let world: ApprovalWorld;
beforeAll(async () => {
  world = await approvalWorld();
});
afterAll(() => world.close());

const SET = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
  applyChangeSet(changes: $changes, submission: $submission) {
    records { object id } pendingChange { id status waitingFor } userErrors { code field message }
  }
}`;
const setAmount = (id: string, amount: string, expectedVersion = 1) => ({
  updatePrice: { id, expectedVersion, input: { amount } },
});

describe('two people, really', () => {
  test('a second account of the maker does not sign the maker’s change', async () => {
    const { gateway, maker } = world;
    const roles = await gateway.roleIds();
    const records = await gateway.install([
      {
        verb: 'create',
        object: 'User',
        as: 'u',
        input: { personId: maker.personId, email: 'second@example.com', audience: 'STAFF' },
      },
      { verb: 'create', object: 'RoleAssignment', input: { roleId: roles.get('pricing-checker'), userId: '@u' } },
    ]);
    const second = { ...maker, token: await gateway.tokenOf(records[0]!.id) };
    const held = await world.askFor(await world.newPrice(), '104.000000');
    const { digest } = await world.review(second, held.id);
    expect(await world.refusal(second, DECIDE('approveChange'), { input: { id: held.id, digest } })).toBe('FORBIDDEN');
  });

  test('a maker who gains the checker role still cannot approve their own change', async () => {
    const held = await world.askFor(await world.newPrice(), '104.000000');
    const { gateway, maker } = world;
    const roles = await gateway.roleIds();
    const [made] = await gateway.install([
      {
        verb: 'create',
        object: 'RoleAssignment',
        input: { roleId: roles.get('pricing-checker'), userId: maker.userId },
      },
    ]);
    const { digest } = await world.review(maker, held.id);
    expect(await world.refusal(maker, DECIDE('approveChange'), { input: { id: held.id, digest } })).toBe('FORBIDDEN');
    await gateway.install([{ verb: 'delete', object: 'RoleAssignment', id: made!.id }]);
  });

  test('a checker who has lost the role since they signed has not signed', async () => {
    const id = await world.newPrice();
    const leaving = await world.gateway.person({ name: 'Lea Ving', audience: 'STAFF', roles: ['pricing-checker'] });
    const held = await world.askFor(id, '150.000000');
    await world.approve(leaving, held.id);
    await world.gateway.revokeRoles(leaving);
    expect(await world.approve(world.director, held.id)).toMatchObject({ status: 'PENDING' });
    expect(await world.price(id)).toEqual({ version: 1, amount: '100.000000' });
    expect(await world.approve(world.secondChecker, held.id)).toMatchObject({ status: 'APPLIED' });
  });

  test('who signs for somebody absent uses both of them up, and never signs for the maker', async () => {
    const { gateway, checker, director, clock } = world;
    const day = (days: number) => new Date(clock.now.getTime() + days * 86_400_000).toISOString();
    await gateway.install([
      {
        verb: 'create',
        object: 'ApprovalDelegation',
        input: {
          absentPersonId: director.personId,
          delegateId: checker.personId,
          validFrom: day(-1),
          validUntil: day(1),
        },
      },
    ]);
    const held = await world.askFor(await world.newPrice(), '150.000000');
    expect(await world.approve(checker, held.id, { onBehalfOf: director.personId })).toMatchObject({
      status: 'PENDING',
    });
    const traced = await world.gateway.sql(`select distinct person_id, on_behalf_of from audit_entry
      where object_name = 'ApprovalDecision' and person_id = '${checker.personId}' and on_behalf_of is not null`);
    expect(traced).toEqual([{ person_id: checker.personId, on_behalf_of: director.personId }]);
    const { digest } = await world.review(checker, held.id);
    const again = { input: { id: held.id, digest } };
    expect(await world.refusal(checker, DECIDE('approveChange'), again)).toBe('ALREADY_DECIDED');
    expect(await world.refusal(director, DECIDE('approveChange'), again)).toBe('ALREADY_DECIDED');
    expect(await world.approve(world.secondChecker, held.id)).toMatchObject({ status: 'APPLIED' });
  });

  test('of 100 final approvals at once one applies, with one set of entries', async () => {
    const id = await world.newPrice();
    const held = await world.askFor(id, '101.000000');
    const { digest } = await world.review(world.checker, held.id);
    const checkers = [world.checker, world.secondChecker];
    const codes = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        world.refusal(checkers[n % 2]!, DECIDE('approveChange'), { input: { id: held.id, digest } }),
      ),
    );
    expect(codes.filter((code) => code === null)).toHaveLength(1);
    expect(new Set(codes.filter((code) => code !== null))).toEqual(new Set(['ALREADY_DECIDED']));
    expect(await world.price(id)).toEqual({ version: 2, amount: '101.000000' });
    const entries = await world.gateway.sql(`select id from audit_entry where record_id='${id}' and action='UPDATE'`);
    expect(entries).toHaveLength(1);
  });
});

describe('no way round a rule', () => {
  test('a large change in small steps takes the signature of a large one', async () => {
    const id = await world.newPrice();
    for (const [from, amount] of [
      [1, '110.000000'],
      [2, '119.000000'],
    ] as const) {
      const held = await world.askFor(id, amount);
      expect([from, held.waitingFor]).toEqual([from, ['Price book, level 1: one person']]);
      await world.approve(world.checker, held.id);
    }
    const third = await world.askFor(id, '125.000000');
    expect(third.waitingFor).toContain('Large price changes, level 1: one person');
  });

  test('a price is held in a change set, and made or deleted as well', async () => {
    const id = await world.newPrice();
    const set = await world.as(world.maker, SET, { changes: [setAmount(id, '101.000000')] });
    expect(set).toMatchObject({ pendingChange: { status: 'PENDING' }, userErrors: [] });
    const input = {
      productId: world.productId,
      model: 'FLAT',
      currency: 'EUR',
      amount: '1',
      effectiveFrom: '2026-06-01',
    };
    const made = await world.as(world.maker, SET, { changes: [{ createPrice: { input } }] });
    expect(made.pendingChange.waitingFor).toHaveLength(2);
    const prices = await world.gateway.sql(`select count(*)::int as n from price where amount=1`);
    expect(prices[0]).toEqual({ n: 0 });
    expect(await world.approve(world.checker, made.pendingChange.id)).toMatchObject({ status: 'PENDING' });
    expect(await world.approve(world.director, made.pendingChange.id)).toMatchObject({ status: 'APPLIED' });
    expect((await world.gateway.sql(`select count(*)::int as n from price where amount=1`))[0]).toEqual({ n: 1 });
  });

  test('what could not be carried out is refused when it is asked for, and nothing waits', async () => {
    const before = await world.gateway.sql('select count(*)::int as n from pending_change');
    const answer = await world.as(world.maker, SET, {
      changes: [
        { createPrice: { input: { model: 'FLAT', currency: 'EUR', amount: '1', effectiveFrom: '2026-06-01' } } },
      ],
    });
    expect(answer).toMatchObject({ pendingChange: null, userErrors: [{ code: 'INVALID' }] });
    expect(await world.gateway.sql('select count(*)::int as n from pending_change')).toEqual(before);
  });

  test('an edited request has no signatures, and the old digest signs nothing', async () => {
    const id = await world.newPrice();
    const held = await world.askFor(id, '150.000000');
    await world.approve(world.checker, held.id);
    const { digest } = await world.review(world.director, held.id);
    const edited = await world.as(world.maker, SET, {
      changes: [setAmount(id, '160.000000')],
      submission: { revises: held.id, reason: 'a typing mistake' },
    });
    expect(edited.pendingChange).toMatchObject({ id: held.id, status: 'PENDING' });
    expect(await world.refusal(world.director, DECIDE('approveChange'), { input: { id: held.id, digest } })).toBe(
      'CONFLICT',
    );
    expect(await world.approve(world.director, held.id)).toMatchObject({ status: 'PENDING' });
    expect(await world.approve(world.checker, held.id)).toMatchObject({ status: 'APPLIED' });
    expect(await world.price(id)).toEqual({ version: 2, amount: '160.000000' });
  });

  test('a rejected or withdrawn change is signed by nobody', async () => {
    const held = await world.askFor(await world.newPrice(), '104.000000');
    const { digest } = await world.review(world.checker, held.id);
    const input = { id: held.id, digest, comment: 'Not now' };
    expect(await world.as(world.checker, DECIDE('rejectChange'), { input })).toMatchObject({ status: 'REJECTED' });
    expect(await world.refusal(world.secondChecker, DECIDE('approveChange'), { input })).toBe('ALREADY_DECIDED');
  });
});

describe('time', () => {
  test('a change for a later day is applied on that day, and not before', async () => {
    const id = await world.newPrice();
    const effectiveAt = new Date(world.clock.now.getTime() + 86_400_000).toISOString();
    const changes = [setAmount(id, '102.000000')];
    const { pendingChange } = await world.as(world.maker, SET, { changes, submission: { effectiveAt } });
    expect(await world.approve(world.checker, pendingChange.id)).toMatchObject({ status: 'APPROVED' });
    expect((await world.price(id))?.version).toBe(1);
    world.clock.now = new Date(Date.parse(effectiveAt) + 1);
    for (let tries = 0; tries < 60 && (await world.price(id))?.version === 1; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(await world.price(id)).toEqual({ version: 2, amount: '102.000000' });
  });
});

describe('the latch', () => {
  test('the last two security admins cannot be removed', async () => {
    const { gateway } = world;
    await expect(gateway.revokeRoles(world.adminOne)).rejects.toThrow(/Two security admins/);
  });
});
