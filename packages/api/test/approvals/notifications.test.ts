import { createHmac } from 'node:crypto';
import { announce } from '../../src/capabilities/notifications';
import { createLog } from '../../src/log';
import { CallReceiver, eventually, MailReceiver } from '../harness/receivers';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld, DECIDE } from './approval-world';

const CANARY = '777.313131';
const mail = new MailReceiver();
const hook = new CallReceiver();
const lines: string[] = [];
const log = createLog('info', { write: (line: string) => void lines.push(line) });
let world: ApprovalWorld;
let replica: TestGateway;

beforeAll(async () => {
  const settings = {
    NOTIFY_SMTP_URL: await mail.open(),
    NOTIFY_FROM: 'gateway@example.com',
    NOTIFY_WEBHOOK_URL: await hook.open(),
    NOTIFY_POLL_MS: '200',
    PUBLIC_URL: 'http://127.0.0.1:4000',
  };
  world = await approvalWorld({ settings, log });
  const { database } = world.gateway;
  replica = await startTestGateway({ database, root: world.gateway, settings, log, now: () => world.clock.now });
});
afterAll(async () => {
  await replica.stop();
  await world.close();
  await Promise.all([mail.close(), hook.close()]);
});

const mailsAbout = (id: string) => mail.mails.filter(({ source }) => source.includes(id));
const told = (id: string) =>
  mailsAbout(id).map(({ to, source }) => `${to[0]}: ${/^Subject: (.*)$/m.exec(source)?.[1]}`);
const callsAbout = (id: string) => hook.calls.filter(({ body }) => body.includes(id));
const events = (id: string) => callsAbout(id).map(({ body }) => JSON.parse(body).type as string);
const jobs = () =>
  world.gateway.sql('select task_id, attempts, last_error, payload from countersign_jobs._private_jobs');
/** Nothing is left to be told but what was put off. */
const settled = async () => {
  const due = async () =>
    (await world.gateway.sql(
      `select from countersign_jobs._private_jobs where attempts < max_attempts and (run_at <= now() or attempts > 0)`,
    )) as unknown[];
  await eventually(
    async () => (await due()).length === 0,
    () => 'the outbox is not empty',
  );
};
/** Lets the pause before the next attempt pass. */
const hurry = () => world.gateway.sql('update countersign_jobs._private_jobs set run_at=now()');
const expectMail = (id: string, who: TestPerson, words: string) =>
  eventually(
    () => told(id).some((line) => line === `${who.email}: Countersign: ${words}`),
    () => told(id),
  );

describe('notifications', () => {
  test('reach those who may sign when a change is submitted, and the maker when it is applied', async () => {
    const { maker, checker, secondChecker, analyst } = world;
    const { id } = await world.askFor(await world.newPrice(), '104.000000');
    await expectMail(id, checker, 'A change waits for your signature');
    await expectMail(id, secondChecker, 'A change waits for your signature');
    await world.approve(checker, id);
    await expectMail(id, maker, 'Your change has been applied');
    await settled();
    expect(mailsAbout(id).filter(({ to }) => to.includes(analyst.email))).toEqual([]);
    expect(events(id).sort()).toEqual(['change.applied', 'change.signed', 'change.submitted']);
  });

  test('are told once each while two gateways look into the same outbox', async () => {
    const ids: string[] = [];
    // Making a price sets the clock back for a moment, and rights are decided by it.
    await settled();
    const prices: string[] = [];
    for (let n = 0; n < 6; n += 1) prices.push(await world.newPrice());
    for (const price of prices) ids.push((await world.askFor(price, '102.500000')).id);
    await eventually(
      () => ids.every((id) => callsAbout(id).length > 0 && told(id).length > 1),
      () => ids.map(told),
    );
    await settled();
    for (const id of ids) {
      expect(events(id)).toEqual(['change.submitted']);
      expect(told(id).sort()).toEqual(
        [world.checker, world.secondChecker]
          .map(({ email }) => `${email}: Countersign: A change waits for your signature`)
          .sort(),
      );
    }
  });

  test('hold ids, status and the name of the object, and not one byte of a value, a reason or a comment', async () => {
    const { maker, checker } = world;
    const id = await world.newPrice();
    const held = await world.askFor(id, CANARY);
    await expectMail(held.id, checker, 'A change waits for your signature');
    const SAY = 'mutation ($input: CommentInput!) { commentOnChange(input: $input) { status } }';
    await world.as(checker, SAY, { input: { id: held.id, comment: 'canary-comment' } });
    await hurry();
    await expectMail(held.id, maker, 'Somebody has commented on a change');
    const { digest } = await world.review(checker, held.id);
    await world.as(checker, DECIDE('rejectChange'), { input: { id: held.id, digest, comment: 'canary-reason' } });
    await expectMail(held.id, maker, 'Your change has been rejected');
    await settled();
    const everything = [
      ...mail.mails.map(({ source }) => source),
      ...hook.calls.map(({ body, headers }) => body + JSON.stringify(headers)),
      ...lines,
      JSON.stringify(await jobs()),
    ].join('\n');
    expect(everything).toContain(held.id);
    const secrets = [CANARY, '313131', 'canary', maker.name, checker.name];
    expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
  });

  test('leave only when what they tell of was committed', async () => {
    const { gateway, clock } = world;
    const id = '019c0000-0000-7000-8000-00000000dead';
    const announcement = { event: 'drill.begun', subject: id, to: { roles: ['security-admin'] } };
    const undone = gateway.core.database.dataSource.transaction(async (tx) => {
      await announce(tx, announcement, clock.now);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await gateway.core.database.dataSource.transaction((tx) => announce(tx, announcement, clock.now));
    await eventually(
      () => told(id).length > 1,
      () => told(id),
    );
    await settled();
    expect(events(id)).toEqual(['drill.begun']);
    expect(
      mailsAbout(id)
        .map(({ to }) => to[0])
        .sort(),
    ).toEqual([world.adminOne.email, world.adminTwo.email].sort());
  });

  test('a change that is refused in the end announces nothing', async () => {
    const before = (await jobs()).length;
    const price = await world.newPrice();
    const UPDATE =
      'mutation ($id: ID!) { updatePrice(id: $id, expectedVersion: 9, input: { amount: "1.000000" }) { userErrors { code } } }';
    await world.refusal(world.maker, UPDATE, { id: price });
    expect(await jobs()).toHaveLength(before);
  });

  test('go out again under the same id until the receiver takes them', async () => {
    hook.answers.push(500, 503);
    const { id } = await world.askFor(await world.newPrice(), '103.000000');
    for (let taken = 1; taken <= 3; taken += 1) {
      await eventually(
        () => callsAbout(id).length >= taken,
        () => callsAbout(id).length,
      );
      await eventually(async () => taken > 2 || (await jobs()).some(({ last_error: error }) => error !== null), jobs);
      await hurry();
    }
    await settled();
    const calls = callsAbout(id);
    expect(calls).toHaveLength(3);
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const secret = world.gateway.core.root.webhookKey('notifications', 1).receiverSecret();
    for (const { headers, body } of calls) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const key = Buffer.from(secret.slice(6), 'base64');
      expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    }
  });

  test('that a gateway had in hand when it died are taken over, and told again under the same id', async () => {
    const { gateway, clock } = world;
    const subject = '019c0000-0000-7000-8000-0000000000ff';
    hook.answers.push(0);
    const announcement = { event: 'drill.ended', subject, to: { persons: [] } };
    await gateway.core.database.dataSource.transaction((tx) => announce(tx, announcement, clock.now));
    // The receiver has the message, and whoever sent it hears nothing any more.
    await eventually(() => callsAbout(subject).length === 1, jobs);
    await gateway.sql(`update countersign_jobs._private_jobs set locked_at=now() - interval '3 minutes'`);
    await gateway.sql(
      `update countersign_jobs._private_job_queues set locked_at=now() - interval '3 minutes' where locked_at is not null`,
    );
    await replica.outbox.sweep();
    await eventually(() => callsAbout(subject).length === 2, jobs);
    const [first, second] = callsAbout(subject);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  });

  test('that nobody takes are given up in the end, counted and logged', async () => {
    await settled();
    mail.answers.push(550, 550);
    const { id } = await world.askFor(await world.newPrice(), '103.500000');
    await eventually(
      async () => (await jobs()).filter(({ last_error: error }) => error === 'email: SMTP 550').length === 2,
      jobs,
    );
    await world.gateway.sql('update countersign_jobs._private_jobs set attempts=max_attempts - 1, run_at=now()');
    mail.answers.push(550, 550);
    await hurry();
    await eventually(() => lines.filter((line) => line.includes('a notification was given up')).length === 2, jobs);
    await replica.outbox.sweep();
    expect((await replica.get('/metrics', null)).text).toMatch(/^countersign_notifications_dead 2$/m);
    expect(mailsAbout(id)).toEqual([]);
    expect(lines.join('\n')).not.toContain(world.checker.email);
  });
});

describe('at the moment of the telling', () => {
  const quiet = async (leave: (leaver: TestPerson) => Promise<unknown>, name: string) => {
    const leaver = await world.gateway.person({ name, audience: 'STAFF', roles: ['pricing-checker'] });
    // The mail is on its way, and has failed once.
    await settled();
    const before = mail.mails.length;
    mail.answers.push(421, 421, 421);
    const { id } = await world.askFor(await world.newPrice(), '102.000000');
    await eventually(
      async () => (await jobs()).filter(({ last_error: error }) => error === 'email: SMTP 421').length === 3,
      jobs,
    );
    await leave(leaver);
    await hurry();
    await expectMail(id, world.checker, 'A change waits for your signature');
    await settled();
    expect(mail.mails.slice(before).filter(({ to }) => to.includes(leaver.email))).toEqual([]);
  };

  test('whoever has lost the role since then gets nothing', () =>
    quiet((leaver) => world.gateway.revokeRoles(leaver), 'Lea Ving'));

  test('whoever was disabled since then gets nothing', () =>
    quiet(
      ({ userId }) =>
        world.gateway.install([{ verb: 'update', object: 'User', id: userId, input: { status: 'DISABLED' } }]),
      'Dis Abled',
    ));
});

test('those of the escalation are told when the time of a level is out, and not before', async () => {
  const { gateway, analyst, director, clock } = world;
  const roles = await gateway.roleIds();
  const levelInput = {
    ruleId: '@r',
    level: 1,
    approverRoleId: roles.get('finance-director'),
    timeoutHours: 1,
    escalationRoleId: roles.get('finance-analyst'),
  };
  await gateway.install([
    {
      verb: 'create',
      object: 'ApprovalRule',
      as: 'r',
      input: { name: 'Slow', objects: ['Price'], actions: ['UPDATE'] },
    },
    { verb: 'create', object: 'ApprovalLevel', input: levelInput },
  ]);
  const { id } = await world.askFor(await world.newPrice(), '101.000000');
  await expectMail(id, director, 'A change waits for your signature');
  // Too early, it is put off again.
  await hurry();
  await settled();
  expect(told(id).filter((line) => line.startsWith(analyst.email))).toEqual([]);
  clock.now = new Date(clock.now.getTime() + 3_601_000);
  await hurry();
  await expectMail(id, analyst, 'A change has waited long for a signature');
});
