import { Client } from 'pg';
import { passTime } from '../../src/capabilities/approvals';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

const HOUR = 3_600_000;
const SET = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
  applyChangeSet(changes: $changes, submission: $submission) { pendingChange { id status } userErrors { message } }
}`;
const WITHDRAW = 'mutation ($input: WithdrawInput!) { withdrawChange(input: $input) { status } }';

const ROUNDS = 6;

let world: ApprovalWorld;
let other: TestGateway;
/** The other gateway's clock, which need not be right. */
let skew = 0;
const prices: string[] = [];
beforeAll(async () => {
  world = await approvalWorld();
  const { gateway, clock } = world;
  for (let n = 0; n < 2 * ROUNDS + 10; n += 1) prices.push(await world.newPrice());
  other = await startTestGateway({
    database: gateway.database,
    root: gateway,
    now: () => new Date(clock.now.getTime() + skew),
  });
  // They were made a month ago: the log must not take them for entries that have waited since.
  for (const { core } of [gateway, other]) await core.audit.keeper.round();
});
afterAll(async () => {
  await other.stop();
  await world.close();
});

/** Asks the other gateway; gives the code of the refusal, or null. */
async function elsewhere(who: TestPerson, query: string, variables: unknown): Promise<string | null> {
  const { body } = await other.ask(who.token, query, variables);
  return (body.errors?.[0]?.extensions?.code as string | undefined) ?? null;
}

const standing = async (id: string) => {
  const [row] = await world.gateway.sql(`select status, revision from pending_change where id='${id}'`);
  return row as { status: string; revision: number };
};
const entriesOf = async (price: string) =>
  (await world.gateway.sql(`select id from audit_entry where record_id='${price}' and action='UPDATE'`)).length;
const edit = (price: string, revises: string) => ({
  changes: [{ updatePrice: { id: price, expectedVersion: 1, input: { amount: '103.000000' } } }],
  submission: { revises },
});

/** Something that waits and is signed while somebody does something else to it, on two gateways at once. */
async function atOnce(act: (price: string, id: string) => Promise<string | null>) {
  const price = prices.pop()!;
  const held = await world.askFor(price, '101.000000');
  const { digest } = await world.review(world.checker, held.id);
  const input = { id: held.id, digest };
  const [signed, done] = await Promise.all([
    elsewhere(world.checker, DECIDE('approveChange'), { input }),
    act(price, held.id),
  ]);
  return { price, id: held.id, signed, done, ...(await standing(held.id)) };
}

test('of an edit and a signature at once one wins: what was signed is what is applied', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { price, ...met } = await atOnce((on, id) => world.refusal(world.maker, SET, edit(on, id)));
    const now = { ...(await world.price(price)), entries: await entriesOf(price) };
    if (met.done === null) {
      expect(met).toMatchObject({ status: 'PENDING', revision: 2 });
      expect(['CONFLICT', 'ALREADY_DECIDED']).toContain(met.signed ?? 'CONFLICT');
      expect(now).toEqual({ version: 1, amount: '100.000000', entries: 0 });
    } else {
      expect(met).toMatchObject({ signed: null, status: 'APPLIED', revision: 1 });
      expect(now).toEqual({ version: 2, amount: '101.000000', entries: 1 });
    }
  }
});

test('of a withdrawal and a signature at once one wins', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { price, ...met } = await atOnce((_, id) => world.refusal(world.maker, WITHDRAW, { input: { id } }));
    const applied = met.status === 'APPLIED';
    expect([met.done, applied]).toEqual(applied ? ['ALREADY_DECIDED', true] : [null, false]);
    if (!applied) expect(met.status).toBe('WITHDRAWN');
    expect(await world.price(price)).toMatchObject({ version: applied ? 2 : 1 });
    expect(await entriesOf(price)).toBe(applied ? 1 : 0);
  }
});

test('two gateways that let time pass at once apply what is due once, and end once what is out of time', async () => {
  const effectiveAt = new Date(world.clock.now.getTime() + 60_000).toISOString();
  const due: { price: string; id: string }[] = [];
  for (let n = 0; n < 6; n += 1) {
    const price = prices.pop()!;
    const changes = [{ updatePrice: { id: price, expectedVersion: 1, input: { amount: '101.000000' } } }];
    const { pendingChange } = await world.as(world.maker, SET, { changes, submission: { effectiveAt } });
    expect(await world.approve(world.checker, pendingChange.id)).toMatchObject({ status: 'APPROVED' });
    due.push({ price, id: pendingChange.id });
  }
  world.clock.now = new Date(world.clock.now.getTime() + 60_000);
  await Promise.all([world.gateway, other, world.gateway, other].map(({ core }) => passTime(core.queue, core.log)));
  for (const { price, id } of due) {
    expect(await standing(id)).toMatchObject({ status: 'APPLIED' });
    expect(await world.price(price)).toEqual({ version: 2, amount: '101.000000' });
    expect(await entriesOf(price)).toBe(1);
    const [row] = await world.gateway.sql(
      `select version, (select count(*)::int from audit_entry where record_id=p.id) as entries from pending_change p where id='${id}'`,
    );
    expect(row!.version).toBe(row!.entries);
  }
});

test('a gateway whose clock is wrong applies nothing twice and revives nothing that is out of time', async () => {
  const { gateway } = world;
  const roles = await gateway.roleIds();
  const rule = await gateway.install([
    {
      verb: 'create',
      object: 'ApprovalRule',
      as: 'r',
      input: { name: 'Soon', objects: ['Price'], actions: ['UPDATE'] },
    },
    {
      verb: 'create',
      object: 'ApprovalLevel',
      input: { ruleId: '@r', level: 1, approverRoleId: roles.get('finance-director'), timeoutHours: 1 },
    },
  ]);
  const price = prices.pop()!;
  const held = await world.askFor(price, '101.000000');
  const { digest } = await world.review(world.director, held.id);
  // An hour ahead: its time is out there, and it is ended for everybody.
  skew = HOUR;
  await passTime(other.core.queue, other.core.log);
  expect(await standing(held.id)).toMatchObject({ status: 'EXPIRED' });
  // An hour behind: it stays ended there as well.
  skew = -HOUR;
  await passTime(other.core.queue, other.core.log);
  skew = 0;
  expect(await elsewhere(world.director, DECIDE('approveChange'), { input: { id: held.id, digest } })).toBe(
    'ALREADY_DECIDED',
  );
  expect(await world.price(price)).toMatchObject({ version: 1 });
  await gateway.install([
    { verb: 'delete', object: 'ApprovalLevel', id: rule[1]!.id },
    { verb: 'delete', object: 'ApprovalRule', id: rule[0]!.id },
  ]);
});

test('a gateway that stood still while a signer lost the role does not count the signature', async () => {
  const leaving = await world.gateway.person({ name: 'Sten Topped', audience: 'STAFF', roles: ['pricing-checker'] });
  const price = prices.pop()!;
  const held = await world.askFor(price, '101.000000');
  const { digest } = await world.review(leaving, held.id);
  // Somebody's lock on the record stops the other gateway in the middle: after it has decided, before it has written.
  const blocker = new Client({
    connectionString: world.gateway.database.adminUrl,
    options: '-c search_path=countersign',
  });
  await blocker.connect();
  await blocker.query('begin');
  await blocker.query('select 1 from pending_change where id=$1 for update', [held.id]);
  const signing = elsewhere(leaving, DECIDE('approveChange'), { input: { id: held.id, digest } });
  for (let tries = 0; tries < 200; tries += 1) {
    const waiting = await blocker.query(
      `select count(*)::int as n from pg_stat_activity where wait_event_type='Lock' and datname=current_database()`,
    );
    if (waiting.rows[0].n > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await world.gateway.revokeRoles(leaving);
  await blocker.query('commit');
  await blocker.end();
  expect(await signing).toBe('FORBIDDEN');
  expect(await standing(held.id)).toMatchObject({ status: 'PENDING' });
  expect(await world.price(price)).toMatchObject({ version: 1 });
  expect(await world.approve(world.checker, held.id)).toMatchObject({ status: 'APPLIED' });
});
