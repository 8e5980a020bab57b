import type { TestPerson } from '../harness/test-gateway';
import { type DeskWorld, deskWorld } from './desk-world';

let world: DeskWorld;
let maker: TestPerson;
let checker: TestPerson;
const BY = { levels: [{ role: 'second-pair' }] };

beforeAll(async () => {
  world = await deskWorld();
  await world.role('second-pair');
  maker = await world.member('Maja Kert');
  checker = await world.member('Chea Ker', 'second-pair');
});
afterAll(() => world.close());

const nameOf = async (id: string) => (await world.accountOf(id))?.name;
const update = (id: string, input: Record<string, unknown>, expectedVersion = 1) => ({
  updateAccount: { id, expectedVersion, input },
});
const NEW = { name: 'New', region: 'EMEA', segment: 'CONSUMER', currency: 'EUR' };

/** A new price of the price book, which a starter rule gates. */
const price = (more: Record<string, unknown> = {}) => ({
  createPrice: {
    input: {
      productId: world.productId,
      model: 'FLAT',
      currency: 'EUR',
      amount: '1',
      effectiveFrom: '2026-06-01',
      ...more,
    },
  },
});

describe('A gated field is not reached by another way:', () => {
  test('one gated change among others holds the whole set, and none of it is written', async () => {
    const [free, gated] = [await world.account({ number: 'G0' }), await world.account({ number: 'G1' })];
    await world.under({ ...BY, trigger: { before: { number: { eq: 'G1' } } } }, async () => {
      const changes = [
        update(free, { name: 'Free' }),
        update(gated, { name: 'Gated' }),
        { createAccount: { input: NEW } },
      ];
      const { pendingChange, records } = await world.set(maker, changes);
      expect(pendingChange).toMatchObject({ status: 'PENDING' });
      expect(records).toHaveLength(3);
      expect([await nameOf(free), await nameOf(records[2]!.id)]).toEqual([
        expect.stringMatching(/^Account/),
        undefined,
      ]);
      expect(await world.sign(checker, pendingChange!.id)).toBe('APPLIED');
      expect([await nameOf(free), await nameOf(gated)]).toEqual(['Free', 'Gated']);
      expect(await nameOf(records[2]!.id)).toBe('New');
    });
  });

  test('a rule on updates of a field holds creates and deletes as well, so delete and create is no way round', async () => {
    await world.under(
      { ...BY, fields: ['creditLimit'], trigger: { crosses: { creditLimit: '1000.00' } } },
      async () => {
        const account = await world.account({ creditLimit: '10.00' });
        const gone = await world.set(maker, [{ deleteAccount: { id: account, expectedVersion: 1 } }]);
        expect(gone.pendingChange).not.toBeNull();
        const made = await world.set(maker, [{ createAccount: { input: { ...NEW, creditLimit: '5000.00' } } }]);
        expect(made.pendingChange).not.toBeNull();
        const both = await world.set(maker, [
          { deleteAccount: { id: account, expectedVersion: 1 } },
          { createAccount: { input: { ...NEW, externalId: 'again', creditLimit: '5000.00' } } },
        ]);
        expect(both.pendingChange).not.toBeNull();
        expect(await nameOf(account)).toBeDefined();
        const small = await world.set(maker, [update(account, { creditLimit: '20.00' })]);
        expect(small.pendingChange).toBeNull();
      },
    );
  });

  test('a price that is made beside the old one, under another external id or for another currency, is held too', async () => {
    const asked = [
      [price({ externalId: 'p-2' })],
      [price({ currency: 'USD' })],
      [{ createProduct: { as: 'p', input: { name: 'Twin', code: 'TWIN' } } }, price({ productId: '@p' })],
      [{ createRateClass: { as: 'k', input: { name: 'Calls', unit: 'minute' } } }, price({ rateClassId: '@k' })],
    ];
    for (const changes of asked) {
      const { pendingChange, userErrors } = await world.set(world.maker, changes);
      expect([userErrors, pendingChange?.waitingFor]).toEqual([
        [],
        expect.arrayContaining(['Large price changes, level 1: one person']),
      ]);
    }
    expect((await world.gateway.sql('select count(*)::int as n from price where amount=1'))[0]).toEqual({ n: 0 });
  });

  test('another model, another currency or a large discount is as large a change as that of the amount', async () => {
    const { gateway, clock } = world;
    const { now } = clock;
    clock.now = new Date(now.getTime() - 30 * 86_400_000);
    const dated = { currency: 'EUR', amount: '100', effectiveFrom: '2026-01-01' };
    const input = { accountId: await world.account(), number: 'C-8', currency: 'EUR', startsOn: '2026-01-01' };
    const made = await gateway.install([
      { verb: 'create', object: 'Contract', as: 'c', input },
      {
        verb: 'create',
        object: 'ContractRate',
        input: { ...dated, contractId: '@c', productId: world.productId, discountPercent: '5.00' },
      },
    ]);
    clock.now = now;
    const asked = async (object: 'Price' | 'ContractRate', id: string, values: Record<string, unknown>) => {
      const change = { [`update${object}`]: { id, expectedVersion: 1, input: values } };
      return (await world.set(world.maker, [change])).pendingChange?.waitingFor ?? [];
    };
    const [price, rate] = [await world.newPrice(), made[1]!.id];
    const usual = 'Price book, level 1: one person';
    expect(await asked('Price', price, { model: 'PER_UNIT' })).toHaveLength(2);
    expect(await asked('Price', price, { currency: 'USD' })).toHaveLength(2);
    expect(await asked('Price', price, { effectiveTo: '2027-01-01' })).toEqual([usual]);
    const large = [usual, 'Large rate changes, level 1: one person'];
    expect(await asked('ContractRate', rate, { discountPercent: '20.01' })).toEqual(expect.arrayContaining(large));
    expect(await asked('ContractRate', rate, { discountPercent: null })).toEqual(expect.arrayContaining(large));
    expect(await asked('ContractRate', rate, { amount: '79' })).toEqual(expect.arrayContaining(large));
    expect(await asked('ContractRate', rate, { discountPercent: '20.00', amount: '110' })).toEqual([usual]);
  });

  test('a parent that is changed in the same set does not take the change out of the reach of its rule', async () => {
    const account = await world.account({ segment: 'ENTERPRISE' });
    const input = { accountId: account, number: 'C-9', currency: 'EUR', startsOn: '2026-01-01' };
    const [contract] = await world.gateway.install([{ verb: 'create', object: 'Contract', input }]);
    const trigger = { after: { account: { segment: { eq: 'ENTERPRISE' } } } };
    await world.under({ ...BY, objects: ['Contract'], trigger }, async () => {
      const change = { updateContract: { id: contract!.id, expectedVersion: 1, input: { name: 'Better' } } };
      for (const changes of [
        [update(account, { segment: 'CONSUMER' }), change],
        [change, update(account, { segment: 'CONSUMER' })],
      ]) {
        expect((await world.set(maker, changes)).pendingChange).not.toBeNull();
      }
      expect((await world.accountOf(account))?.segment).toBe('ENTERPRISE');
    });
  });

  test('a record is not moved out of the reach of a rule on what it was or would be', async () => {
    const [inside, outside] = [await world.account({ region: 'EMEA' }), await world.account({ region: 'APAC' })];
    const trigger = { or: [{ before: { region: { eq: 'EMEA' } } }, { after: { region: { eq: 'EMEA' } } }] };
    await world.under({ ...BY, trigger }, async () => {
      expect((await world.set(maker, [update(inside, { region: 'APAC', name: 'Out' })])).pendingChange).not.toBeNull();
      expect((await world.set(maker, [update(outside, { region: 'EMEA' })])).pendingChange).not.toBeNull();
      expect((await world.set(maker, [update(outside, { name: 'Elsewhere' })])).pendingChange).toBeNull();
    });
  });

  test('a set that takes the rule away and makes use of it at once is held by that rule, and by the rule on rules', async () => {
    const { gateway } = world;
    const both = await world.member('Ada Both', 'security-admin');
    await world.under({ ...BY, fields: ['name'] }, async (rule) => {
      const [level] = await gateway.sql(`select id from approval_level where rule_id='${rule}'`);
      const account = await world.account();
      const { pendingChange } = await world.set(both, [
        { deleteApprovalLevel: { id: level!.id, expectedVersion: 1 } },
        { deleteApprovalRule: { id: rule, expectedVersion: 1 } },
        update(account, { name: 'Ungoverned' }),
      ]);
      expect(pendingChange?.waitingFor).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^Rights, level 1/),
          expect.stringMatching(/^Rule .*, level 1: one person/),
        ]),
      );
      const weaker = { updateApprovalRule: { id: rule, expectedVersion: 1, input: { fields: ['taxId'] } } };
      expect((await world.set(both, [weaker])).pendingChange).not.toBeNull();
    });
    await gateway.revokeRoles(both);
  });

  test('to undo what was agreed to is a change like any other', async () => {
    const account = await world.account({ name: 'Old name' });
    await world.under({ ...BY, fields: ['name'] }, async () => {
      const id = await world.rename(maker, account, 'New name');
      expect(await world.sign(checker, id)).toBe('APPLIED');
      const back = await world.set(maker, [update(account, { name: 'Old name' }, 2)]);
      expect(back.pendingChange).not.toBeNull();
      expect(await nameOf(account)).toBe('New name');
    });
  });

  test('a day in the past, and a day to come, excuse nobody from the signature', async () => {
    await world.under({ ...BY, fields: ['name'] }, async () => {
      for (const days of [-400, 2]) {
        const account = await world.account();
        const effectiveAt = new Date(world.clock.now.getTime() + days * 86_400_000).toISOString();
        const { pendingChange } = await world.set(maker, [update(account, { name: 'Dated' })], { effectiveAt });
        expect(pendingChange).toMatchObject({ status: 'PENDING' });
        expect(await world.sign(checker, pendingChange!.id)).toBe(days < 0 ? 'APPLIED' : 'APPROVED');
      }
    });
  });

  test('an edit of one’s own request cannot turn what was held into something that is not held any more', async () => {
    const account = await world.account({ number: 'E1' });
    await world.under({ ...BY, trigger: { before: { number: { eq: 'E1' } } } }, async () => {
      const id = await world.rename(maker, account, 'Held');
      const free = await world.account({ number: 'E2' });
      // The rest of it is free; it still needs no signature of its own, but takes the place of the request as a whole.
      const edited = await world.set(maker, [update(free, { name: 'Free' })], { revises: id });
      expect(edited.pendingChange).toMatchObject({ id, status: 'APPROVED' });
      expect(await nameOf(account)).not.toBe('Held');
      const [payloads] = await world.gateway.sql(
        `select count(*)::int as n from pending_payload where pending_change_id='${id}'`,
      );
      expect(payloads).toEqual({ n: 2 });
    });
  });

  test('a signature given while the request is being edited signs one of the two, never a mixture', async () => {
    await world.under(BY, async () => {
      for (let round = 0; round < 5; round += 1) {
        const account = await world.account();
        const id = await world.rename(maker, account, 'First');
        const [answer] = await Promise.all([
          world.sign(checker, id),
          world.gateway.ask(
            maker.token,
            `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
              applyChangeSet(changes: $changes, submission: $submission) { pendingChange { id } } }`,
            { changes: [update(account, { name: 'Second' })], submission: { revises: id } },
          ),
        ]);
        const name = await nameOf(account);
        expect(['APPLIED', 'CONFLICT', 'PENDING', 'ALREADY_DECIDED']).toContain(answer);
        if (answer === 'APPLIED') expect(['First', 'Second']).toContain(name);
        else expect(name).toMatch(/^Account/);
      }
    });
  });
});

describe('What a rule cannot tell is held:', () => {
  const rule = { ...BY, fields: ['creditLimit'], trigger: { percentChange: { creditLimit: { gt: '20' } } } };

  test.each([
    ['from zero to a million', '0.00', '1000000.00'],
    ['from zero to a cent', '0.00', '0.01'],
    ['from nothing to a value', null, '5.00'],
    ['from a value to nothing', '5.00', null],
  ])('a percentage %s', async (_way, from, to) => {
    const account = await world.account({ creditLimit: from });
    await world.under(rule, async () => {
      const { pendingChange } = await world.set(maker, [update(account, { creditLimit: to })]);
      expect(pendingChange).not.toBeNull();
      expect((await world.accountOf(account))?.credit_limit).toBe(from);
      expect(await world.sign(checker, pendingChange!.id)).toBe('APPLIED');
    });
  });

  test('a percentage of what is only made now', async () => {
    await world.under(rule, async () => {
      const made = await world.set(maker, [{ createAccount: { input: { ...NEW, creditLimit: '1.00' } } }]);
      expect(made.pendingChange).not.toBeNull();
    });
  });

  test('a condition on a parent that is missing, or goes with the same set', async () => {
    const parent = await world.account({ segment: 'CONSUMER' });
    const [orphan, child] = [await world.account(), await world.account({ parentId: parent })];
    const trigger = { before: { parent: { segment: { eq: 'ENTERPRISE' } } } };
    await world.under({ ...BY, trigger }, async () => {
      expect((await world.set(maker, [update(orphan, { name: 'Orphan' })])).pendingChange).not.toBeNull();
      expect((await world.set(maker, [update(child, { name: 'Child' })])).pendingChange).toBeNull();
      const without = await world.set(maker, [
        update(child, { parentId: null }, 2),
        { deleteAccount: { id: parent, expectedVersion: 1 } },
      ]);
      expect(without.pendingChange).not.toBeNull();
    });
  });

  test('and a rule that speaks of currency, segment or a threshold holds just what it says', async () => {
    const trigger = {
      after: { currency: { eq: 'USD' }, segment: { in: ['ENTERPRISE', 'MID_MARKET'] } },
      crosses: { creditLimit: '100000.00' },
    };
    const big = { segment: 'ENTERPRISE', currency: 'USD', creditLimit: '99999.99' };
    await world.under({ ...BY, fields: ['creditLimit'], trigger }, async () => {
      const raise = async (account: string, creditLimit: string) =>
        (await world.set(maker, [update(account, { creditLimit })])).pendingChange !== null;
      expect(await raise(await world.account(big), '100000.00')).toBe(true);
      expect(await raise(await world.account({ ...big, creditLimit: '100000.00' }), '99999.99')).toBe(true);
      expect(await raise(await world.account({ ...big, creditLimit: '100000.01' }), '200000.00')).toBe(false);
      expect(await raise(await world.account({ ...big, currency: 'EUR' }), '100000.00')).toBe(false);
      expect(await raise(await world.account({ ...big, segment: 'CONSUMER' }), '100000.00')).toBe(false);
    });
  });
});

describe('Splitting a change does not help:', () => {
  test('small steps of several makers are one large step', async () => {
    const other = await world.member('Otto Makers');
    const account = await world.account({ creditLimit: '100.00' });
    const rule = {
      ...BY,
      fields: ['creditLimit'],
      windowHours: 24,
      trigger: { percentChange: { creditLimit: { gt: '20' } } },
    };
    await world.under(rule, async () => {
      const set = (who: TestPerson, creditLimit: string, version: number) =>
        world.set(who, [update(account, { creditLimit }, version)]);
      expect((await set(maker, '110.00', 1)).pendingChange).toBeNull();
      expect((await set(other, '119.00', 2)).pendingChange).toBeNull();
      expect((await set(maker, '125.00', 3)).pendingChange).not.toBeNull();
      world.hours(25);
      expect((await set(await world.again(maker), '125.00', 3)).pendingChange).toBeNull();
    });
  });
});
