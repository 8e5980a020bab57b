import type { GivenChange } from '../../src/records/change';
import type { TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

/** Long enough for every order of three signatures with a replay at every place. */
const LENGTH = 4;
const CHAIN = ['first', 'second', 'third'] as const;
type Level = (typeof CHAIN)[number];

let world: ApprovalWorld;
let signers: Record<Level, TestPerson>;

beforeAll(async () => {
  world = await approvalWorld();
  const { gateway } = world;
  const roles = await gateway.roleIds();
  await onlyThisRule();
  await gateway.install(
    CHAIN.flatMap((name): GivenChange[] => [
      { verb: 'create', object: 'Role', as: name, input: { name } },
      {
        verb: 'create',
        object: 'RoleInheritance',
        input: { roleId: `@${name}`, inheritsId: roles.get('pricing-checker') },
      },
    ]),
  );
  for (const [name, id] of await gateway.roleIds()) roles.set(name, id);
  await gateway.install([
    {
      verb: 'create',
      object: 'ApprovalRule',
      as: 'chain',
      input: { name: 'Chain', objects: ['Price'], actions: ['UPDATE'] },
    },
    ...CHAIN.map((name, index): GivenChange => {
      const input = { ruleId: '@chain', level: index + 1, approverRoleId: roles.get(name) };
      return { verb: 'create', object: 'ApprovalLevel', input };
    }),
  ]);
  const person = (role: Level) => gateway.person({ name: `Sign ${role}`, audience: 'STAFF', roles: [role] });
  signers = { first: await person('first'), second: await person('second'), third: await person('third') };
});
afterAll(() => world.close());

/** The chain alone, without what the starter policy asks for. */
async function onlyThisRule(): Promise<void> {
  const { pool } = world.gateway.core.database;
  const named = `(select id from approval_rule where name in ('Price book','Large price changes'))`;
  const levels = await pool.query(`select id::text as id from approval_level where rule_id in ${named}`);
  const rules = await pool.query(`select id::text as id from approval_rule where id in ${named}`);
  await world.gateway.install([
    ...levels.rows.map(({ id }): GivenChange => ({ verb: 'delete', object: 'ApprovalLevel', id })),
    ...rules.rows.map(({ id }): GivenChange => ({ verb: 'delete', object: 'ApprovalRule', id })),
  ]);
}

/** All words of a length over the people of the chain. */
function words(length: number): Level[][] {
  if (length === 0) return [[]];
  return words(length - 1).flatMap((word) => CHAIN.map((signer) => [...word, signer]));
}

/** Lets people sign one after the other; every answer is what their place in the chain says, and no more is applied. */
async function signInOrder(word: readonly Level[], price: string): Promise<{ applied: boolean }> {
  const held = await world.askFor(price, '101.000000');
  const { digest } = await world.review(world.maker, held.id);
  let signed = 0;
  for (const who of word) {
    const place = CHAIN.indexOf(who);
    const expected = signed === 3 || place < signed ? 'ALREADY_DECIDED' : place > signed ? 'FORBIDDEN' : null;
    const got = await world.refusal(signers[who], DECIDE('approveChange'), { input: { id: held.id, digest } });
    expect([word, who, got]).toEqual([word, who, expected]);
    if (expected === null) signed += 1;
  }
  const applied = signed === 3;
  expect(await world.price(price)).toEqual(
    applied ? { version: 2, amount: '101.000000' } : { version: 1, amount: '100.000000' },
  );
  const { pool } = world.gateway.core.database;
  const left = await pool.query(
    `select (select count(*)::int from audit_entry where record_id=$1 and action='UPDATE') as entries,
      (select count(*)::int from approval_decision where pending_change_id=$2) as decisions`,
    [price, held.id],
  );
  expect(left.rows[0]).toEqual({ entries: applied ? 1 : 0, decisions: signed });
  return { applied };
}

test('every order and replay of three signatures is applied exactly when they stand in the order of the levels', async () => {
  const waiting: { word: Level[]; price: string }[] = [];
  const everybody = words(LENGTH).filter((word) => new Set(word).size === CHAIN.length);
  for (const word of everybody) waiting.push({ word, price: await world.newPrice() });
  expect(waiting).toHaveLength(36);
  let applied = 0;
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        if ((await signInOrder(next.word, next.price)).applied) applied += 1;
      }
    }),
  );
  // first second third, with any one replay or attempt at any of the places.
  expect(applied).toBe(9);
});
