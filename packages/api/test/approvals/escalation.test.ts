import type { GivenChange } from '../../src/records/change';
import type { TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

const HOUR = 3_600_000;

let world: ApprovalWorld;
let third: TestPerson;
beforeAll(async () => {
  world = await approvalWorld();
  const { gateway } = world;
  third = await gateway.person({ name: 'Thea Rd', audience: 'STAFF', roles: ['pricing-checker'] });
  const roles = await gateway.roleIds();
  const level = (number: number, role: string, more: Record<string, unknown> = {}): GivenChange => {
    return {
      verb: 'create',
      object: 'ApprovalLevel',
      input: { ruleId: '@r', level: number, approverRoleId: roles.get(role), ...more },
    };
  };
  await gateway.install([
    {
      verb: 'create',
      object: 'ApprovalRule',
      as: 'r',
      input: { name: 'Two', objects: ['Price'], actions: ['UPDATE'] },
    },
    level(1, 'finance-director', {
      everyone: true,
      timeoutHours: 1,
      escalationRoleId: roles.get('pricing-checker'),
    }),
    level(2, 'pricing-checker'),
  ]);
});
afterAll(() => world.close());

const anew = async (who: TestPerson) => ({ ...who, token: await world.gateway.tokenOf(who.userId) });

test('who signs because the time of a level was out has signed it for good, and the chain goes on to its end', async () => {
  const price = await world.newPrice();
  const held = await world.askFor(price, '101.000000');
  const { digest } = await world.review(world.checker, held.id);
  const input = { id: held.id, digest };
  expect(await world.approve(world.checker, held.id)).toMatchObject({ status: 'PENDING' });
  // The price book has its signature; the directors are asked alone, until their time is out.
  expect(await world.refusal(world.secondChecker, DECIDE('approveChange'), { input })).toBe('FORBIDDEN');
  world.clock.now = new Date(world.clock.now.getTime() + HOUR);
  const [second, last] = [await anew(world.secondChecker), await anew(third)];
  expect(await world.approve(second, held.id)).toMatchObject({ status: 'PENDING' });
  expect(
    (await world.review(last, held.id)).requirements.map(({ complete }: { complete: boolean }) => complete),
  ).toEqual([true, true, false]);
  expect(await world.refusal(second, DECIDE('approveChange'), { input })).toBe('ALREADY_DECIDED');
  expect(await world.approve(last, held.id)).toMatchObject({ status: 'APPLIED' });
  expect(await world.price(price)).toEqual({ version: 2, amount: '101.000000' });
});
