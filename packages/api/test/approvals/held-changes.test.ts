import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

let world: ApprovalWorld;
beforeAll(async () => {
  world = await approvalWorld();
});
afterAll(() => world.close());

describe('a change that a rule holds', () => {
  test('is a success that says what it waits for, and leaves the record as it is', async () => {
    const id = await world.newPrice();
    const held = await world.askFor(id, '110.000000');
    expect(held).toEqual({
      id: expect.any(String),
      status: 'PENDING',
      waitingFor: ['Price book, level 1: one person'],
    });
    expect(await world.price(id)).toEqual({ version: 1, amount: '100.000000' });
  });

  test('is applied once with the signature of a second person, as the maker, with its trace', async () => {
    const id = await world.newPrice();
    const held = await world.askFor(id, '110.000000');
    expect(await world.approve(world.checker, held.id)).toMatchObject({ status: 'APPLIED' });
    expect(await world.price(id)).toEqual({ version: 2, amount: '110.000000' });
    const entries = await world.gateway.sql(
      `select action, person_id, reason from audit_entry where record_id='${id}' order by at, id`,
    );
    expect(entries.at(-1)).toMatchObject({
      action: 'UPDATE',
      person_id: world.maker.personId,
      reason: `Pending change ${held.id}`,
    });
    expect(entries).toHaveLength(2);
  });

  test('takes the finance director as well when the amount moves by more than a fifth', async () => {
    const id = await world.newPrice();
    const held = await world.askFor(id, '130.000000');
    expect(held.waitingFor).toEqual(['Price book, level 1: one person', 'Large price changes, level 1: one person']);
    expect(await world.approve(world.checker, held.id)).toMatchObject({ status: 'PENDING' });
    expect(await world.approve(world.director, held.id)).toMatchObject({ status: 'APPLIED' });
    expect(await world.price(id)).toEqual({ version: 2, amount: '130.000000' });
  });

  test('is not signed by its maker, nor twice by one person', async () => {
    const held = await world.askFor(await world.newPrice(), '150.000000');
    const { digest } = await world.review(world.maker, held.id);
    expect(await world.refusal(world.maker, DECIDE('approveChange'), { input: { id: held.id, digest } })).toBe(
      'FORBIDDEN',
    );
    await world.approve(world.checker, held.id);
    expect(await world.refusal(world.checker, DECIDE('approveChange'), { input: { id: held.id, digest } })).toBe(
      'ALREADY_DECIDED',
    );
  });

  test('shows the checker old, proposed and current values', async () => {
    const id = await world.newPrice();
    const held = await world.askFor(id, '111.000000');
    const seen = await world.review(world.checker, held.id);
    expect(seen.items).toEqual([
      {
        object: 'Price',
        action: 'UPDATE',
        recordId: id,
        fields: [{ name: 'amount', see: 'CLEAR', old: '100.000000', proposed: '111.000000', current: '100.000000' }],
      },
    ]);
    expect(seen.requirements).toEqual([{ rule: 'Price book', level: 1, needed: 1, given: 0, complete: false }]);
  });

  test('is nothing to people who have no business with it', async () => {
    const held = await world.askFor(await world.newPrice(), '111.000000');
    const query = 'query ($id: ID!) { pendingChangeReview(id: $id) { id } }';
    expect(await world.refusal(world.analyst, query, { id: held.id })).toBe('NOT_FOUND');
  });

  test('conflicts when the field has moved meanwhile, and names it', async () => {
    const id = await world.newPrice();
    const [first, second] = [await world.askFor(id, '110.000000'), await world.askFor(id, '105.000000')];
    await world.approve(world.checker, first.id);
    const { digest } = await world.review(world.checker, second.id);
    expect(await world.refusal(world.checker, DECIDE('approveChange'), { input: { id: second.id, digest } })).toBe(
      'CONFLICT',
    );
  });

  test('changes rights only with a second security admin, and never the own ones', async () => {
    const create = `mutation ($input: RoleCreateInput!) { createRole(input: $input) { role { id } pendingChange { id } } }`;
    const made = await world.as(world.adminOne, create, { input: { name: 'new-role' } });
    expect(made).toEqual({ role: null, pendingChange: { id: expect.any(String) } });
    expect(await world.approve(world.adminTwo, made.pendingChange.id)).toMatchObject({ status: 'APPLIED' });
    expect(await world.gateway.sql(`select name from role where name='new-role'`)).toHaveLength(1);
  });
});
