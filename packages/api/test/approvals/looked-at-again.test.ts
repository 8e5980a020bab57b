import { passTime } from '../../src/capabilities/approvals';
import type { GivenChange } from '../../src/records/change';
import { cellRule } from '../harness/cell-world';
import type { TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

let world: ApprovalWorld;
beforeAll(async () => {
  world = await approvalWorld();
});
afterAll(() => world.close());

const SET = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
  applyChangeSet(changes: $changes, submission: $submission) {
    pendingChange { id status waitingFor } userErrors { message }
  }
}`;
const MINUTE = 60_000;
const inAMinute = () => new Date(world.clock.now.getTime() + MINUTE).toISOString();
const create = (object: string, input: Record<string, unknown>): GivenChange => ({ verb: 'create', object, input });
const remove = (object: string, id: string): GivenChange => ({ verb: 'delete', object, id });

/** Asks for another amount by the next minute. */
async function askForLater(id: string, amount: string): Promise<string> {
  const { version } = (await world.price(id))!;
  const changes = [{ updatePrice: { id, expectedVersion: version, input: { amount } } }];
  const { pendingChange } = await world.as(world.maker, SET, { changes, submission: { effectiveAt: inAMinute() } });
  return pendingChange.id;
}

/** The gateway's own round, after so long. */
async function pass(ms = 0): Promise<void> {
  world.clock.now = new Date(world.clock.now.getTime() + ms);
  const { core } = world.gateway;
  // Twice: what one round finds out about a chain may move it on.
  for (let round = 0; round < 2; round += 1) await passTime(core.queue, core.log);
}

async function standing(id: string): Promise<{ status: string; outcome: string | null }> {
  const [row] = await world.gateway.sql(`select status, outcome from pending_change where id='${id}'`);
  return row as { status: string; outcome: string | null };
}

const person = (name: string, ...roles: string[]) => world.gateway.person({ name, audience: 'STAFF', roles });

/** A checker of their own role, so that what happens to it happens to nobody else. */
async function ownChecker(name: string): Promise<TestPerson & { readonly roleId: string }> {
  const role = name.toLowerCase().replace(' ', '-');
  const inheritsId = (await world.gateway.roleIds()).get('pricing-checker');
  const [made] = await world.gateway.install([
    { verb: 'create', object: 'Role', as: 'role', input: { name: role } },
    create('RoleInheritance', { roleId: '@role', inheritsId }),
  ]);
  return { ...(await person(name, role)), roleId: made!.id };
}

describe('between the last signature and the day', () => {
  test('a change waits for its day, is applied then, and a policy version that came between changes nothing', async () => {
    const price = await world.newPrice();
    const id = await askForLater(price, '101.000000');
    expect(await world.approve(world.checker, id)).toMatchObject({ status: 'APPROVED' });
    await world.gateway.install([create('Role', { name: 'published-between' })]);
    await pass(MINUTE - 1);
    expect(await world.price(price)).toMatchObject({ version: 1 });
    await pass(1);
    expect(await world.price(price)).toEqual({ version: 2, amount: '101.000000' });
  });

  test('a role that is taken from a signer takes the signature', async () => {
    const price = await world.newPrice();
    const leaving = await person('Rolf Evoked', 'pricing-checker');
    const id = await askForLater(price, '101.000000');
    expect(await world.approve(leaving, id)).toMatchObject({ status: 'APPROVED' });
    await world.gateway.revokeRoles(leaving);
    await pass(MINUTE);
    expect(await standing(id)).toMatchObject({ status: 'PENDING' });
    expect(await world.price(price)).toMatchObject({ version: 1 });
    expect(await world.approve(world.secondChecker, id)).toMatchObject({ status: 'APPLIED' });
  });

  test('a rule that appears asks for its signature too; when it goes again, the change is applied by itself', async () => {
    const price = await world.newPrice();
    const id = await askForLater(price, '101.000000');
    await world.approve(world.checker, id);
    const analysts = (await world.gateway.roleIds()).get('security-admin');
    const [rule, level] = await world.gateway.install([
      {
        verb: 'create',
        object: 'ApprovalRule',
        as: 'r',
        input: { name: 'New', objects: ['Price'], actions: ['UPDATE'] },
      },
      create('ApprovalLevel', { ruleId: '@r', level: 2, approverRoleId: analysts }),
      create('ApprovalLevel', { ruleId: '@r', level: 1, approverRoleId: analysts }),
    ]);
    await pass(MINUTE);
    expect(await standing(id)).toMatchObject({ status: 'PENDING' });
    expect(await world.price(price)).toMatchObject({ version: 1 });
    const { rows } = await world.gateway.core.database.pool.query(
      `select id::text as id from approval_level where rule_id=$1 and id<>$2`,
      [rule!.id, level!.id],
    );
    await world.gateway.install([
      remove('ApprovalLevel', level!.id),
      remove('ApprovalLevel', rows[0].id),
      remove('ApprovalRule', rule!.id),
    ]);
    await pass();
    expect(await standing(id)).toMatchObject({ status: 'APPLIED' });
    expect(await world.price(price)).toEqual({ version: 2, amount: '101.000000' });
  });

  test('a record that is deleted makes it a conflict that says so', async () => {
    const price = await world.newPrice();
    const id = await askForLater(price, '101.000000');
    await world.approve(world.checker, id);
    await world.gateway.install([remove('Price', price)]);
    await pass(MINUTE);
    expect(await standing(id)).toEqual({ status: 'CONFLICTED', outcome: expect.stringMatching(/\w/) });
  });

  test('a maker who may not sign in any more changes nothing', async () => {
    const price = await world.newPrice();
    const maker = await person('Max Gone', 'pricing-maker');
    const { version } = (await world.price(price))!;
    const changes = [{ updatePrice: { id: price, expectedVersion: version, input: { amount: '101' } } }];
    const asked = await world.as(maker, SET, { changes, submission: { effectiveAt: inAMinute() } });
    await world.approve(world.checker, asked.pendingChange.id);
    await world.gateway.install([{ verb: 'update', object: 'User', id: maker.userId, input: { status: 'DISABLED' } }]);
    await pass(MINUTE);
    expect(await standing(asked.pendingChange.id)).toMatchObject({ status: 'CONFLICTED' });
    expect(await world.price(price)).toMatchObject({ version: 1 });
  });
});

describe('a signature that no longer stands', () => {
  test('because the signer no longer sees the field makes room for the signature of another', async () => {
    const price = await world.newPrice();
    const blinded = await ownChecker('Bo Linded');
    const { id } = await world.askFor(price, '150.000000');
    expect(await world.approve(blinded, id)).toMatchObject({ status: 'PENDING' });
    await world.gateway.install([
      create('FieldPermission', {
        roleId: blinded.roleId,
        objectName: 'Price',
        fieldName: 'amount',
        action: 'SEE_CLEAR',
        effect: 'DENY',
      }),
    ]);
    expect(await world.approve(world.director, id)).toMatchObject({ status: 'PENDING' });
    expect(await world.approve(world.secondChecker, id)).toMatchObject({ status: 'APPLIED' });
  });

  test('because a cell rule withholds the value counts for nothing, and the queue does not show the value', async () => {
    const price = await world.newPrice();
    const limited = await ownChecker('Cecil Ruled');
    const id = await askForLater(price, '107.310000');
    expect(await world.approve(limited, id)).toMatchObject({ status: 'APPROVED' });
    await world.gateway.install([cellRule(limited.roleId, 'Price.amount', { currency: { eq: 'USD' } })]);
    await pass(MINUTE);
    expect(await standing(id)).toMatchObject({ status: 'PENDING' });
    const seen = await world.review(limited, id);
    expect(JSON.stringify(seen)).not.toMatch(/107\.31|100\.00/);
    const { id: other } = await world.askFor(await world.newPrice(), '107.310000');
    const { digest } = await world.review(limited, other);
    expect(await world.refusal(limited, DECIDE('approveChange'), { input: { id: other, digest } })).toBe(
      'CANNOT_SEE_CHANGE',
    );
  });

  test('because the delegation has ended is made good by the absent person', async () => {
    const price = await world.newPrice();
    const [absent, delegate] = [
      await person('Abe Sent', 'finance-director'),
      await person('Del Egate', 'pricing-checker'),
    ];
    const { now } = world.clock;
    const [delegation] = await world.gateway.install([
      create('ApprovalDelegation', {
        absentPersonId: absent.personId,
        delegateId: delegate.personId,
        validFrom: now.toISOString(),
        validUntil: new Date(now.getTime() + 60 * MINUTE).toISOString(),
      }),
    ]);
    const { id } = await world.askFor(price, '150.000000');
    await world.approve(delegate, id, { onBehalfOf: absent.personId });
    await world.gateway.install([remove('ApprovalDelegation', delegation!.id)]);
    expect(await world.approve(world.checker, id)).toMatchObject({ status: 'PENDING' });
    expect(await world.price(price)).toMatchObject({ version: 1 });
    expect(await world.approve(absent, id)).toMatchObject({ status: 'APPLIED' });
  });

  test('because the signer may no longer read the record counts for nothing', async () => {
    const price = await world.newPrice();
    const outside = await person('Otto Fsight', 'pricing-checker');
    const id = await askForLater(price, '101.000000');
    await world.approve(outside, id);
    const [row] = await world.gateway.sql(`select id from object_setting where object_name='Price'`);
    const setting = (sharing: string): GivenChange => {
      return { verb: 'update', object: 'ObjectSetting', id: row!.id, input: { sharing } };
    };
    await world.gateway.install([
      setting('GROUPS_ONLY'),
      { verb: 'create', object: 'SharingGroup', as: 'g', input: { name: 'Euro prices', access: 'READ_WRITE' } },
      create('SharingCondition', { groupId: '@g', objectName: 'Price', condition: { currency: { eq: 'EUR' } } }),
      ...[world.maker, world.checker].map(({ userId }) => create('SharingMember', { groupId: '@g', userId })),
    ]);
    await pass(MINUTE);
    expect(await standing(id)).toMatchObject({ status: 'PENDING' });
    expect(await world.price(price)).toMatchObject({ version: 1 });
    expect(await world.approve(world.checker, id)).toMatchObject({ status: 'APPLIED' });
    await world.gateway.install([setting('OPEN')]);
  });
});

describe('a change that nobody has to sign', () => {
  test('waits for its day only', async () => {
    const [account] = await world.gateway.install([
      create('Account', { name: 'Acme', number: 'A-1', region: 'EMEA', segment: 'ENTERPRISE', currency: 'EUR' }),
    ]);
    const operator = await person('Olga Perator', 'billing-operator');
    const changes = [{ updateAccount: { id: account!.id, expectedVersion: 1, input: { name: 'Acme Ltd' } } }];
    const asked = await world.as(operator, SET, { changes, submission: { effectiveAt: inAMinute() } });
    expect(asked.pendingChange).toMatchObject({ status: 'APPROVED', waitingFor: [] });
    const name = async () => (await world.gateway.sql(`select name from account where id='${account!.id}'`))[0]!.name;
    await pass(MINUTE - 1);
    expect(await name()).toBe('Acme');
    await pass(1);
    expect(await name()).toBe('Acme Ltd');
  });

  test('an edit that would leave nothing to change is refused, and what was pending stays as it was', async () => {
    const price = await world.newPrice();
    const held = await world.askFor(price, '150.000000');
    const changes = [{ updatePrice: { id: price, expectedVersion: 1, input: { amount: '100.000000' } } }];
    expect(await world.refusal(world.maker, SET, { changes, submission: { revises: held.id } })).toBe('BAD_USER_INPUT');
    expect(await world.review(world.maker, held.id)).toMatchObject({ status: 'PENDING', revision: 1 });
  });
});

test('nobody signs a change whose time is out, also before anybody has written down that it is', async () => {
  const price = await world.newPrice();
  const directors = (await world.gateway.roleIds()).get('finance-director');
  const made = await world.gateway.install([
    {
      verb: 'create',
      object: 'ApprovalRule',
      as: 'r',
      input: { name: 'Soon', objects: ['Price'], actions: ['UPDATE'] },
    },
    create('ApprovalLevel', { ruleId: '@r', level: 1, approverRoleId: directors, timeoutHours: 1 }),
  ]);
  const held = await world.askFor(price, '101.000000');
  const { digest } = await world.review(world.director, held.id);
  const { now } = world.clock;
  world.clock.now = new Date(now.getTime() + 60 * MINUTE);
  const token = await world.gateway.tokenOf(world.director.userId);
  const late = await world.refusal({ ...world.director, token }, DECIDE('approveChange'), {
    input: { id: held.id, digest },
  });
  expect(late).toBe('ALREADY_DECIDED');
  await pass();
  expect(await standing(held.id)).toEqual({ status: 'EXPIRED', outcome: 'Not signed in time.' });
  world.clock.now = now;
  await world.gateway.install([remove('ApprovalLevel', made[1]!.id), remove('ApprovalRule', made[0]!.id)]);
});

test('what can no longer be carried out, as its record is gone, can still be rejected', async () => {
  const price = await world.newPrice();
  const held = await world.askFor(price, '101.000000');
  const { digest } = await world.review(world.checker, held.id);
  await world.gateway.install([remove('Price', price)]);
  const input = { id: held.id, digest, comment: 'It is gone' };
  expect(await world.refusal(world.checker, DECIDE('approveChange'), { input })).toBe('CONFLICT');
  expect(await world.as(world.checker, DECIDE('rejectChange'), { input })).toMatchObject({ status: 'REJECTED' });
});
