import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

let world: ApprovalWorld;
beforeAll(async () => {
  world = await approvalWorld();
});
afterAll(() => world.close());

/** A checker like the others, with one permission less or one record out of sight. */
async function checkerWho(name: string, lines: readonly Record<string, unknown>[]) {
  const role = name.toLowerCase().replace(' ', '-');
  const { gateway } = world;
  const ids = await gateway.roleIds();
  await gateway.install([
    { verb: 'create', object: 'Role', as: 'role', input: { name: role } },
    { verb: 'create', object: 'RoleInheritance', input: { roleId: '@role', inheritsId: ids.get('pricing-checker') } },
    ...lines.map((input) => ({
      verb: 'create' as const,
      object: 'FieldPermission',
      input: { roleId: '@role', objectName: 'Price', action: 'SEE_CLEAR', effect: 'DENY', ...input },
    })),
  ]);
  return gateway.person({ name, audience: 'STAFF', roles: [role] });
}

test('the queue shows a value only to those who see the field of that record in the clear', async () => {
  const blind = await checkerWho('Bodil Lind', [{ fieldName: 'amount' }]);
  const held = await world.askFor(await world.newPrice(), '107.310000');
  const asked = await world.gateway.ask(
    blind.token,
    `query ($id: ID!) {
      pendingChangeReview(id: $id) { digest reason items { object recordId fields { name see old proposed current } } }
      pendingChangeInbox { id reason outcome waitingFor }
      pendingChanges { nodes { id status objectName } }
    }`,
    { id: held.id },
  );
  expect(asked.text).not.toMatch(/107\.31|100\.000000/);
  expect(asked.body.data.pendingChangeReview.items[0].fields).toEqual([]);
  const { digest } = asked.body.data.pendingChangeReview;
  // Eligible by role, and yet nobody agrees to what they cannot see.
  expect(await world.refusal(blind, DECIDE('approveChange'), { input: { id: held.id, digest } })).toBe(
    'CANNOT_SEE_CHANGE',
  );
  expect((await world.review(world.checker, held.id)).items[0].fields[0].proposed).toBe('107.310000');
});

test('a field under a cell rule is not shown in the queue, and whoever is under the rule does not sign', async () => {
  const limited = await checkerWho('Cella Rule', []);
  const roles = await world.gateway.roleIds();
  const condition = { currency: { eq: 'CHF' } };
  await world.gateway.install([
    {
      verb: 'create',
      object: 'CellRule',
      input: { roleId: roles.get('cella-rule')!, objectName: 'Price', fieldName: 'amount', condition },
    },
  ]);
  const held = await world.askFor(await world.newPrice(), '107.520000');
  const seen = await world.review(limited, held.id);
  expect(JSON.stringify(seen)).not.toMatch(/107\.52|100\.000000/);
  expect(seen.items[0].fields).toEqual([]);
  expect(await world.refusal(limited, DECIDE('approveChange'), { input: { id: held.id, digest: seen.digest } })).toBe(
    'CANNOT_SEE_CHANGE',
  );
});

test('a reference to a record that is not the reader’s is not shown in the queue', async () => {
  const { gateway, productId } = world;
  const [other] = await gateway.install([
    { verb: 'create', object: 'Product', input: { name: 'Secret', code: 'SECRET', status: 'DRAFT' } },
  ]);
  const input = { productId: other!.id, model: 'FLAT', currency: 'EUR', amount: '5', effectiveFrom: '2026-01-01' };
  const near = await checkerWho('Nea Rby', []);
  await gateway.install([
    { verb: 'create', object: 'SharingGroup', as: 'g', input: { name: 'Lines', access: 'READ' } },
    {
      verb: 'create',
      object: 'SharingCondition',
      input: { groupId: '@g', objectName: 'Product', condition: { id: { eq: productId } } },
    },
    {
      verb: 'create',
      object: 'SharingCondition',
      input: { groupId: '@g', objectName: 'Price', condition: { currency: { eq: 'EUR' } } },
    },
    { verb: 'create', object: 'SharingMember', input: { groupId: '@g', userId: near.userId } },
  ]);
  const query = `mutation ($input: PriceCreateInput!) { createPrice(input: $input) { pendingChange { id } } }`;
  const { pendingChange } = await world.as(world.maker, query, { input });
  const fields = async (who: typeof near) => {
    const [item] = (await world.review(who, pendingChange.id)).items as {
      fields: { name: string; proposed: unknown }[];
    }[];
    return Object.fromEntries(item!.fields.map(({ name, proposed }) => [name, proposed]));
  };
  expect(await fields(world.checker)).toMatchObject({ product: other!.id, amount: '5.000000' });
  expect(await fields(near)).toMatchObject({ product: null, amount: '5.000000' });
});

test('a proposed value stands nowhere in the database in the clear', async () => {
  const held = await world.askFor(await world.newPrice(), '107.420000');
  for (const table of ['pending_change', 'pending_payload', 'approval_decision', 'audit_value', 'audit_entry']) {
    const rows = await world.gateway.sql(`select t::text as row from ${table} t`);
    expect(JSON.stringify(rows)).not.toContain('107.42');
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('107.42').toString('hex'));
  }
  expect((await world.review(world.maker, held.id)).items[0].fields[0].proposed).toBe('107.420000');
});

test('a payload that was copied from another change does not open', async () => {
  const [one, other] = [
    await world.askFor(await world.newPrice(), '101.000000'),
    await world.askFor(await world.newPrice(), '102.000000'),
  ];
  const { digest } = await world.review(world.checker, one.id);
  await world.gateway.sql(`update pending_payload set sealed=(select sealed from pending_payload
    where pending_change_id='${other.id}') where pending_change_id='${one.id}'`);
  const input = { id: one.id, digest };
  expect(await world.refusal(world.checker, DECIDE('approveChange'), { input })).toBe('INTEGRITY');
});

test('a signature that somebody put into the database counts for nothing', async () => {
  const price = await world.newPrice();
  const held = await world.askFor(price, '103.000000');
  await world.gateway.sql(`insert into approval_decision (id, pending_change_id, revision, kind, level, person, user_id)
    values (gen_random_uuid(), '${held.id}', 1, 'APPROVE', 1, '${world.checker.personId}', '${world.checker.userId}')`);
  await world.gateway.sql(`update pending_change set status='APPROVED' where id='${held.id}'`);
  expect(
    await world.refusal(world.checker, 'query ($id: ID!) { pendingChangeReview(id: $id) { id } }', { id: held.id }),
  ).toBe('INTEGRITY');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await world.price(price)).toEqual({ version: 1, amount: '100.000000' });
});
