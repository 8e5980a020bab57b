import { eventually, MailReceiver } from '../harness/receivers';
import { type BreakGlassWorld, breakGlassWorld, CLOSE, NEW_ELIGIBILITY, OPEN, REVIEW_GRANT } from './break-glass-world';

describe('Rights in an emergency are named by two, taken with a reason, and looked at by another', () => {
  const mail = new MailReceiver();
  let world: BreakGlassWorld;

  beforeAll(async () => {
    world = await breakGlassWorld({
      NOTIFY_SMTP_URL: await mail.open(),
      NOTIFY_FROM: 'gateway@example.com',
      NOTIFY_POLL_MS: '200',
    });
  });
  afterEach(async () => {
    world.at(0);
    await world.settle();
  });
  afterAll(async () => {
    await world?.close();
    await mail.close();
  });

  test('it takes two security admins to name what somebody may be lent', async () => {
    const { adminOne, adminTwo, gateway } = world;
    const roles = await gateway.roleIds();
    const input = {
      personId: world.analyst.personId,
      roleId: roles.get('billing-emergency'),
      longestMinutes: 20,
      reviewerRoleId: roles.get('finance-director'),
    };
    const { pendingChange } = await world.as(adminOne, NEW_ELIGIBILITY, { input });
    const { analyst } = world;
    expect(await world.as(analyst, '{ breakGlassOffers { id } }')).toEqual([]);
    expect(await world.approve(adminTwo, pendingChange.id)).toMatchObject({ status: 'APPLIED' });
    expect(await world.as(analyst, '{ breakGlassOffers { role group longestMinutes reviewerRole } }')).toEqual([
      { role: 'billing-emergency', group: null, longestMinutes: 20, reviewerRole: 'finance-director' },
    ]);
  });

  test('nobody names anything for themselves, nor changes the role or the group that they may be lent', async () => {
    const { adminOne, gateway } = world;
    const roles = await gateway.roleIds();
    const roleId = roles.get('billing-emergency')!;
    const input = { roleId, longestMinutes: 20, reviewerRoleId: roles.get('auditor') };
    expect(await world.refusal(adminOne, NEW_ELIGIBILITY, { input: { ...input, personId: adminOne.personId } })).toBe(
      'FORBIDDEN',
    );
    const [named] = await gateway.install([
      { verb: 'create', object: 'BreakGlassEligibility', input: { ...input, personId: adminOne.personId } },
    ]);
    const line = { roleId, objectName: 'Account', fieldName: 'taxId', action: 'SEE_CLEAR', effect: 'ALLOW' };
    const addLine = `mutation ($input: FieldPermissionCreateInput!) {
      createFieldPermission(input: $input) { pendingChange { id } } }`;
    expect(await world.refusal(adminOne, addLine, { input: line })).toBe('FORBIDDEN');
    await gateway.install([{ verb: 'delete', object: 'BreakGlassEligibility', id: named!.id }]);
  });

  test('it counts for the user who took it, not for another user of the same person', async () => {
    const { gateway, holder } = world;
    const records = await gateway.install([
      {
        verb: 'create',
        object: 'User',
        as: 'u',
        input: { personId: holder.personId, email: 'hanna.two@example.com', audience: 'STAFF' },
      },
      {
        verb: 'create',
        object: 'RoleAssignment',
        input: { userId: '@u', roleId: (await gateway.roleIds()).get('account-manager') },
      },
    ]);
    const twin = { ...holder, token: await gateway.tokenOf(records[0]!.id) };
    await world.open();
    expect(await world.seesOther(gateway, twin)).toBe(false);
    expect(await world.refusedOpening({}, twin)).toMatchObject({ code: 'CONFLICT' });
  });

  test('it is taken with a reason, for no longer than was named, and by whom it was named for', async () => {
    expect(await world.refusedOpening({ minutes: 31 })).toEqual({
      code: 'BAD_USER_INPUT',
      message: 'This is lent for 1 to 30 minutes at a time.',
    });
    expect(await world.refusedOpening({ minutes: 0 })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await world.refusedOpening({ minutes: -5 })).toMatchObject({ code: 'BAD_USER_INPUT' });
    for (const reason of ['', '   ', '\u00a0\n', 'x'.repeat(501), 'a\u0000b']) {
      expect(await world.refusedOpening({ reason })).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    expect(await world.refusedOpening({}, world.director)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await world.refusedOpening({ eligibility: 'nonsense' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await world.refusedOpening({}, { ...world.holder, token: '' })).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await world.gateway.sql(`select 1 from break_glass_grant where status='OPEN'`)).toEqual([]);
  });

  test('nobody signs in as somebody who may be lent rights by setting a password for them', async () => {
    const { gateway, adminOne } = world;
    const roles = await gateway.roleIds();
    const someone = await gateway.person({ name: 'Nils Roleless', audience: 'STAFF' });
    const input = {
      personId: someone.personId,
      roleId: roles.get('billing-emergency'),
      longestMinutes: 5,
      reviewerRoleId: roles.get('auditor'),
    };
    const set = 'mutation ($input: SetPasswordInput!) { setPassword(input: $input) { changed } }';
    const password = { input: { userId: someone.userId, newPassword: 'seven lamps over quiet water' } };
    expect(await world.as(adminOne, set, password)).toEqual({ changed: true });
    const [named] = await gateway.install([{ verb: 'create', object: 'BreakGlassEligibility', input }]);
    expect(await world.refusal(adminOne, set, password)).toBe('FORBIDDEN');
    await gateway.install([{ verb: 'delete', object: 'BreakGlassEligibility', id: named!.id }]);
  });

  test('opened many times at once, on two gateways, there is one grant', async () => {
    const input = { eligibility: world.eligibility, minutes: 5, reason: 'All at once' };
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        (at % 2 ? world.gateway : world.second).ask(world.holder.token, OPEN, { input }),
      ),
    );
    expect(answers.filter(({ body }) => body.data?.openBreakGlass)).toHaveLength(1);
    const codes = answers.flatMap(({ body }) => body.errors?.map(({ extensions }) => extensions.code) ?? []);
    expect(codes.filter((code) => !['CONFLICT', 'POLICY_UNAVAILABLE'].includes(code))).toEqual([]);
    expect(await world.gateway.sql(`select 1 from break_glass_grant where status='OPEN'`)).toHaveLength(1);
  });

  test('the next one waits until another person has reviewed the last', async () => {
    const { id } = await world.open();
    const review = { input: { id, justified: false, finding: 'It could have waited' } };
    expect(await world.refusal(world.director, REVIEW_GRANT, review)).toBe('CONFLICT');
    expect(await world.refusedOpening()).toMatchObject({ code: 'CONFLICT' });
    await world.end(id);
    expect(await world.refusedOpening()).toMatchObject({ code: 'CONFLICT' });
    expect(await world.refusal(world.holder, REVIEW_GRANT, review)).toBe('FORBIDDEN');
    expect(await world.refusal(world.checker, REVIEW_GRANT, review)).toBe('NOT_FOUND');
    const waiting = '{ breakGlassInbox(box: TO_REVIEW) { id person reason status } }';
    expect(await world.as(world.director, waiting)).toMatchObject([
      { id, person: world.holder.personId, reason: 'Invoices went out wrong', status: 'ENDED' },
    ]);
    for (const other of [world.holder, world.checker]) expect(await world.as(other, waiting)).toEqual([]);
    expect(await world.as(world.checker, '{ breakGlassInbox { id } }')).toEqual([]);
    expect(await world.refusal(world.director, REVIEW_GRANT, { input: { ...review.input, finding: ' ' } })).toBe(
      'BAD_USER_INPUT',
    );
    expect(await world.as(world.director, REVIEW_GRANT, review)).toEqual({
      status: 'REVIEWED',
      justified: false,
      finding: 'It could have waited',
    });
    expect(await world.refusal(world.director, REVIEW_GRANT, review)).toBe('ALREADY_DECIDED');
    expect(await world.open()).toMatchObject({ status: 'OPEN' });
  });

  test('the holder cannot review their own by another user, or by being given the reviewing role', async () => {
    const { id } = await world.open();
    await world.end(id);
    const { gateway, holder } = world;
    const roles = await gateway.roleIds();
    const [given] = await gateway.install([
      {
        verb: 'create',
        object: 'RoleAssignment',
        input: { userId: holder.userId, roleId: roles.get('finance-director') },
      },
    ]);
    expect(await world.refusal(holder, REVIEW_GRANT, { input: { id, justified: true, finding: 'Fine' } })).toBe(
      'FORBIDDEN',
    );
    await gateway.install([{ verb: 'delete', object: 'RoleAssignment', id: given!.id }]);
  });

  test('nothing is lent when there is nobody else who could review it', async () => {
    const { gateway } = world;
    await gateway.install(gateway.roleRecords('nobodys-role'));
    const reviewerRoleId = (await gateway.roleIds()).get('nobodys-role');
    const roleId = (await gateway.roleIds()).get('billing-emergency');
    const personId = world.holder.personId;
    const input = { personId, roleId, longestMinutes: 5, reviewerRoleId };
    const [named] = await gateway.install([{ verb: 'create', object: 'BreakGlassEligibility', input }]);
    expect(await world.refusedOpening({ eligibility: named!.id, minutes: 5 })).toEqual({
      code: 'CONFLICT',
      message: 'There is nobody else who could review it.',
    });
  });

  test('who reviews it is told when it is taken and when it ends, and its holder when it was reviewed', async () => {
    const { id } = await world.open();
    await world.end(id, world.director);
    await world.reviewGrant(id);
    const subjects = () =>
      mail.mails
        .filter(({ source }) => source.includes(id))
        .map(({ to, source }) => `${to[0]}: ${/^Subject: Countersign: (.*)$/m.exec(source)?.[1]}`);
    const { director, holder } = world;
    await eventually(() => subjects().length >= 3, subjects);
    expect(subjects().sort()).toEqual(
      [
        `${director.email}: Somebody has taken rights in an emergency`,
        `${holder.email}: Rights that were lent in an emergency have been ended`,
        `${holder.email}: Rights that were lent to you have been reviewed`,
      ].sort(),
    );
    expect(JSON.stringify(mail.mails)).not.toContain('Invoices went out wrong');
  });

  test('a row that somebody writes into the database lends nothing', async () => {
    const { gateway, holder } = world;
    const { id } = await world.open({ minutes: 5 });
    await world.end(id);
    await gateway.sql(`update break_glass_grant set status='OPEN', ended_at=null, ended_by=null where id='${id}'`);
    await gateway.sql('update authority_head set people_epoch = people_epoch + 1');
    expect(await world.seesOther()).toBe(false);
    await gateway.sql(`delete from break_glass_grant where id='${id}'`);

    const again = await world.open({ minutes: 5 });
    await gateway.sql(`update break_glass_grant set ends_at=ends_at + interval '8 hours' where id='${again.id}'`);
    await gateway.sql('update authority_head set people_epoch = people_epoch + 1');
    expect(await world.seesOther()).toBe(false);
    await gateway.sql(`delete from break_glass_grant where id='${again.id}'`);

    const role = (await gateway.roleIds()).get('pricing-maker');
    const forged = `insert into break_glass_eligibility (id, person_id, role_id, longest_minutes, reviewer_role_id, mac)
      select gen_random_uuid(), '${holder.personId}', '${role}', 400, reviewer_role_id, mac
      from break_glass_eligibility where id='${world.eligibility}' returning id`;
    const [row] = await gateway.sql(forged);
    expect(await world.refusedOpening({ eligibility: row!.id })).toMatchObject({ code: 'NOT_FOUND' });
    await gateway.sql(`delete from break_glass_eligibility where id='${row!.id}'`);
  });

  test('nothing of it is shown to whom it was taken from while the gateway has not heard of it', async () => {
    const { gateway, director, holder } = world;
    await world.open();
    const looks = [
      [director, '{ breakGlassInbox(box: TO_REVIEW) { role } }'],
      [holder, '{ breakGlassOffers { role } }'],
    ] as const;
    for (const [who, query] of looks) {
      const become = (status: string) => gateway.sql(`update app_user set status='${status}' where id='${who.userId}'`);
      expect(await world.as(who, query)).toContainEqual({ role: 'billing-emergency' });
      await become('DISABLED');
      await gateway.sql('update authority_head set people_epoch = people_epoch + 1');
      expect(await world.refusal(who, query)).toBe('UNAUTHENTICATED');
      await become('ACTIVE');
      await gateway.sql('update authority_head set people_epoch = people_epoch + 1');
    }
  });

  test('portals have none of it: no verb, no type, no rights', async () => {
    const { portal, gateway } = world;
    const sdl = (await gateway.get('/schema.graphql', portal.token)).text;
    expect(sdl).not.toMatch(
      /(open|close|review)BreakGlass|BreakGlass(Offer|View|Box|Grant|Eligib)|breakGlass(Offers|Inbox)/,
    );
    expect((await gateway.get('/schema.graphql', world.holder.token)).text).toMatch(/openBreakGlass/);
    expect(await world.refusedOpening({}, portal)).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
    expect(await world.refusal(portal, CLOSE, { id: world.eligibility })).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(await world.refusal(portal, '{ breakGlassOffers { id } }')).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('an installation whose rules do not gate break-glass lets nobody name anything alone', async () => {
    const { gateway, adminOne, analyst } = world;
    const [rule] = await gateway.sql(`select id, objects from approval_rule where name='Rights'`);
    const without = (rule!.objects as string[]).filter((name) => name !== 'BreakGlassEligibility');
    await gateway.install([
      { verb: 'update', object: 'ApprovalRule', id: String(rule!.id), input: { objects: without } },
    ]);
    const roles = await gateway.roleIds();
    const input = {
      personId: analyst.personId,
      roleId: roles.get('billing-emergency'),
      longestMinutes: 5,
      reviewerRoleId: roles.get('finance-director'),
    };
    const answer = await world.as(adminOne, NEW_ELIGIBILITY, { input });
    expect(answer).toMatchObject({ breakGlassEligibility: null, userErrors: [{ code: 'POLICY_INVALID' }] });

    const made = await gateway.install([
      {
        verb: 'create',
        object: 'ApprovalRule',
        as: 'rule',
        input: { name: 'New ones', objects: ['BreakGlassEligibility'], actions: ['CREATE'] },
      },
      {
        verb: 'create',
        object: 'ApprovalLevel',
        input: { ruleId: '@rule', level: 1, approverRoleId: roles.get('security-admin'), quorum: 1 },
      },
    ]);
    const lengthen = `mutation ($id: ID!, $v: Int!, $input: BreakGlassEligibilityUpdateInput!) {
      updateBreakGlassEligibility(id: $id, expectedVersion: $v, input: $input) { userErrors { code } } }`;
    const change = { id: world.eligibility, v: 1, input: { longestMinutes: 480 } };
    expect(await world.as(adminOne, lengthen, change)).toEqual({ userErrors: [{ code: 'POLICY_INVALID' }] });
    const [first, second] = made.map(({ object, id }) => ({ verb: 'delete' as const, object, id }));
    await gateway.install([second!, first!]);
    await gateway.install([
      { verb: 'update', object: 'ApprovalRule', id: String(rule!.id), input: { objects: rule!.objects } },
    ]);
  });
});
