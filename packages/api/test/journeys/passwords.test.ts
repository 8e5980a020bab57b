import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

describe('Passwords', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;

  beforeAll(async () => {
    // Tokens count whole seconds, so what happens here happens in the future of the tokens of the ledger.
    let ahead = 0;
    gateway = await startTestGateway({ now: () => new Date(Date.now() + ahead) });
    ledger = await sampleLedger(gateway);
    ahead = 60_000;
  });
  afterAll(() => gateway.stop());

  const change = (token: string, input: Record<string, string>) =>
    gateway.ask(
      token,
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { changed reasons } }',
      { input },
    );
  const set = (token: string, input: Record<string, string>) =>
    gateway.ask(token, 'mutation ($input: SetPasswordInput!) { setPassword(input: $input) { changed reasons } }', {
      input,
    });
  const code = ({ body }: Awaited<ReturnType<typeof set>>) => body.errors?.[0]?.extensions.code;
  const works = async (token: string) => Boolean((await gateway.ask(token, '{ viewer { id } }')).body.data?.viewer.id);

  test('a user changes their own password with the present one, and every token of the old one ends', async () => {
    const { analyst } = ledger;
    const newPassword = 'violet harbour nine lanterns';
    const wrong = await change(analyst.token, { currentPassword: 'not this one, surely', newPassword });
    expect(code(wrong)).toBe('UNAUTHENTICATED');
    const done = await change(analyst.token, { currentPassword: analyst.password, newPassword });
    expect(done.body.data).toEqual({ changePassword: { changed: true, reasons: [] } });
    expect(await works(analyst.token)).toBe(false);
    expect((await gateway.signIn(analyst.email, analyst.password)).body.data.signIn).toBeNull();
    const again = await gateway.signIn(analyst.email, newPassword);
    expect(await works(again.body.data.signIn.accessToken)).toBe(true);
  });

  test('a weak password is refused with reasons and changes nothing', async () => {
    const { support } = ledger;
    const answer = await change(support.token, { currentPassword: support.password, newPassword: 'password' });
    expect(answer.body.data.changePassword.changed).toBe(false);
    expect(answer.body.data.changePassword.reasons.length).toBeGreaterThan(0);
    const named = await change(support.token, { currentPassword: support.password, newPassword: `${support.email}1` });
    expect(named.body.data.changePassword.changed).toBe(false);
    expect(await works(support.token)).toBe(true);
  });

  test('an administrator sets the password of others, never their own, and it is traced without the password', async () => {
    const { admin, secondAnalyst } = ledger;
    const newPassword = 'copper meadow seven violins';
    expect(code(await set(admin.token, { userId: admin.userId, newPassword }))).toBe('FORBIDDEN');
    expect((await set(admin.token, { userId: secondAnalyst.userId, newPassword })).body.data.setPassword.changed).toBe(
      true,
    );
    expect((await gateway.signIn(secondAnalyst.email, newPassword)).body.errors).toBeUndefined();
    const trace = await gateway.sql(
      `select header from audit_entry where record_id = '${secondAnalyst.userId}' and action = 'SYSTEM'`,
    );
    expect(trace).toHaveLength(1);
    expect(JSON.parse(String(trace[0]!.header))).toMatchObject({
      user: admin.userId,
      reason: 'password set by an administrator',
    });
    expect(await gateway.sql(`select 1 from audit_value where slots::text like '%copper%'`)).toEqual([]);
  });

  test('without the right to update users it is forbidden, whether the user exists or not', async () => {
    const { support, portal, admin } = ledger;
    const newPassword = 'copper meadow seven violins';
    for (const userId of [admin.userId, '01900000-0000-7000-8000-000000000000']) {
      expect(code(await set(support.token, { userId, newPassword }))).toBe('FORBIDDEN');
      expect(code(await set(portal.token, { userId, newPassword }))).toBe('GRAPHQL_VALIDATION_FAILED');
    }
    expect(
      (await gateway.ask(null, 'mutation { setPassword(input: { userId: "x", newPassword: "y" }) { changed } }'))
        .status,
    ).toBe(401);
  });
});
