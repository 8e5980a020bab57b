import { storePassword } from '../../src/capabilities/identity';
import { blank, codes, ErrorWatch } from '../harness/answers';
import { type Answer, startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken expiresAt } }';

describe('Signing in tells nobody who exists, and lets nobody guess for long', () => {
  let ahead = 0;
  let gateway: TestGateway;
  let watch: ErrorWatch;
  let known: TestPerson;

  beforeAll(async () => {
    gateway = await startTestGateway({ now: () => new Date(Date.now() + ahead) });
    known = await gateway.person({ name: 'Kno Wn', audience: 'STAFF' });
    watch = new ErrorWatch(gateway);
  });
  beforeEach(async () => {
    ahead = 0;
    await gateway.sql('delete from sign_in_attempt');
  });
  afterAll(() => gateway.stop());

  const signIn = (email: unknown, password: unknown): Promise<Answer> =>
    gateway.ask(null, SIGN_IN, { input: { email, password } });
  const code = async (email: unknown, password: unknown) => codes(await signIn(email, password))[0] ?? 'OK';
  const attempts = async () => Number((await gateway.sql('select count(*) from sign_in_attempt'))[0]!.count);

  describe('the same answer', () => {
    let wrong: string;
    beforeEach(async () => {
      wrong = blank((await signIn(known.email, 'not the password at all')).text);
    });

    test.each<[string, () => Promise<[unknown, unknown]>]>([
      ['to an unknown address', async () => ['nobody@example.com', known.password]],
      ['to an empty address', async () => ['', '']],
      ['to an address with what no column can hold', async () => ['a\u0000b@example.com', 'x']],
      ['to an address with half a character', async () => [`${known.email}\ud800`, known.password]],
      ['to an address of 200,000 characters', async () => ['a'.repeat(200_000), 'x']],
      ['to an address that means something to SQL', async () => ["' or '1'='1' --", 'x']],
      ['to an address that means something to LIKE', async () => ['%@example.com', known.password]],
      ['to a password of 200,000 characters', async () => [known.email, 'x'.repeat(200_000)]],
      ['to an empty password', async () => [known.email, '']],
      ['to the right password and a little more', async () => [known.email, `${known.password} `]],
      ['to the right password in capitals', async () => [known.email, known.password.toUpperCase()]],
      ['to the right password and a nought byte', async () => [known.email, `${known.password}\u0000`]],
      [
        'to a disabled user with the right password',
        async () => {
          const person = await gateway.person({ name: 'Dis Abled', audience: 'STAFF' });
          await gateway.install([
            { verb: 'update', object: 'User', id: person.userId, expectedVersion: 1, input: { status: 'DISABLED' } },
          ]);
          return [person.email, person.password];
        },
      ],
      [
        'to a user without a password',
        async () => {
          const person = await gateway.person({ name: 'Pass Wordless', audience: 'STAFF' });
          await gateway.sql(`delete from user_credential where user_id = '${person.userId}'`);
          return [person.email, person.password];
        },
      ],
      [
        'to a hash that somebody else brought',
        async () => {
          const person = await gateway.person({ name: 'Co Pied', audience: 'STAFF' });
          await gateway.sql(
            `update user_credential set (password_hash, mac) = (select password_hash, mac from user_credential where user_id = '${known.userId}') where user_id = '${person.userId}'`,
          );
          return [person.email, known.password];
        },
      ],
    ])('%s', async (_name, make) => {
      const [email, password] = await make();
      const answer = await signIn(email, password);
      expect(answer.status).toBe(200);
      expect(blank(answer.text)).toBe(wrong);
    });

    test('and comparable work: an unknown address takes as long as a wrong password', async () => {
      const median = async (email: () => string) => {
        const times: number[] = [];
        for (let i = 0; i < 9; i += 1) {
          const start = process.hrtime.bigint();
          await signIn(email(), 'not the password at all');
          times.push(Number(process.hrtime.bigint() - start));
        }
        return times.sort((a, b) => a - b)[4]!;
      };
      const unknown = await median(() => `nobody${Math.random()}@example.com`);
      await gateway.sql('delete from sign_in_attempt');
      const existing = await median(() => known.email);
      // Hashing takes ten times as long as all the rest, so leaving it out would show as a tenth.
      expect(unknown / existing).toBeGreaterThan(0.4);
      expect(unknown / existing).toBeLessThan(2.5);
    });
  });

  test('an address is read without regard to case and outer spaces, a password in any Unicode form of the same keys', async () => {
    expect(await code(`  ${known.email.toUpperCase()} `, known.password)).toBe('OK');
    const person = await gateway.person({ name: 'Uni Code', audience: 'STAFF' });
    const { core } = gateway;
    await storePassword(core.database.pool, core.macKeys.rows, person.userId, 'schöne Grüße ﬁn', new Date());
    expect(await code(person.email, 'scho\u0308ne Gru\u0308ße fin')).toBe('OK');
  });

  describe('trying', () => {
    const wrongPassword = 'not the password at all';

    test.each([
      ['a user', () => known.email],
      ['nobody', () => 'nobody@example.com'],
    ])('ten times for %s is heard, the eleventh time is not, even with the right password', async (_name, email) => {
      for (let i = 0; i < 10; i += 1) expect(await code(email(), wrongPassword)).toBe('UNAUTHENTICATED');
      expect(await code(email(), known.password)).toBe('RATE_LIMITED');
      expect(await code(email().toUpperCase(), known.password)).toBe('RATE_LIMITED');
      const other = await gateway.person({ name: 'Oth Er', audience: 'STAFF' });
      expect(await code(other.email, other.password)).toBe('OK');
    });

    test('is heard again after a quarter of an hour', async () => {
      for (let i = 0; i < 11; i += 1) await signIn(known.email, wrongPassword);
      expect(await code(known.email, known.password)).toBe('RATE_LIMITED');
      ahead = 16 * 60_000;
      expect(await code(known.email, known.password)).toBe('OK');
    });

    test('many at once are counted like one after the other', async () => {
      const answers = await Promise.all(Array.from({ length: 30 }, () => code(known.email, wrongPassword)));
      const heard = answers.filter((answer) => answer === 'UNAUTHENTICATED').length;
      expect(heard).toBeLessThanOrEqual(10);
      expect(answers.filter((answer) => answer === 'RATE_LIMITED')).toHaveLength(30 - heard);
      expect(await code(known.email, known.password)).toBe('RATE_LIMITED');
    });

    test('many at once on two replicas as well', async () => {
      const replica = await startTestGateway({ database: gateway.database, root: gateway });
      try {
        const input = { email: known.email, password: wrongPassword };
        const answers = await Promise.all(
          Array.from({ length: 24 }, (_, i) => (i % 2 ? gateway : replica).ask(null, SIGN_IN, { input })),
        );
        expect(answers.filter((answer) => codes(answer)[0] === 'UNAUTHENTICATED').length).toBeLessThanOrEqual(10);
      } finally {
        await replica.stop();
      }
    });

    test('a hundred addresses from one place is enough', async () => {
      await signIn('first@example.com', wrongPassword);
      await gateway.sql(`insert into sign_in_attempt (email_digest, source, at, outcome)
        select decode(md5(i::text), 'hex'), (select source from sign_in_attempt limit 1), now(), 'tried' from generate_series(1, 98) i`);
      expect(await code('last@example.com', wrongPassword)).toBe('UNAUTHENTICATED');
      expect(await code('another@example.com', wrongPassword)).toBe('RATE_LIMITED');
      expect(await code(known.email, known.password)).toBe('RATE_LIMITED');
    });

    test('signing in clears what was counted for the address, and time clears the rest', async () => {
      for (let i = 0; i < 9; i += 1) await signIn(known.email, wrongPassword);
      expect(await code(known.email, known.password)).toBe('OK');
      expect(await attempts()).toBe(0);
      for (let i = 0; i < 5; i += 1) await signIn(`nobody${i}@example.com`, wrongPassword);
      expect(await attempts()).toBe(5);
      ahead = 16 * 60_000;
      await signIn('later@example.com', wrongPassword);
      expect(await attempts()).toBe(1);
    });

    test('twice in one operation is refused as a whole', async () => {
      const two = (text: string) => `mutation ($a: SignInInput!, $b: SignInInput!) { ${text} }`;
      const variables = {
        a: { email: known.email, password: wrongPassword },
        b: { email: known.email, password: known.password },
      };
      for (const text of [
        'a: signIn(input: $a) { accessToken } b: signIn(input: $b) { accessToken }',
        '... { a: signIn(input: $a) { accessToken } } ... on Mutation { b: signIn(input: $b) { accessToken } }',
        'a: signIn(input: $a) { accessToken } b: changePassword(input: { currentPassword: "x", newPassword: "y" }) { changed }',
      ]) {
        const answer = await gateway.ask(null, two(text), variables);
        expect([codes(answer), answer.body.data]).toEqual([['COST_LIMIT'], undefined]);
      }
      expect(await attempts()).toBe(0);
    });
  });

  test('what is no text is refused, and counts as no try', async () => {
    for (const [email, password] of [
      [5, 'x'],
      [null, 'x'],
      ['a', null],
      [['a'], 'x'],
      [{ eq: 'a' }, 'x'],
      ['a', { $ne: null }],
      [true, 'x'],
    ]) {
      expect(await code(email, password)).toBe('BAD_USER_INPUT');
    }
    expect(await attempts()).toBe(0);
  });

  test('each try leaves a trace of who and when, and a password is nowhere', async () => {
    const secret = 'quite unmistakable seven foxes';
    const person = await gateway.person({ name: 'Tra Ced', audience: 'STAFF' });
    await signIn(person.email, secret);
    await signIn(person.email, person.password);
    await gateway.ask(
      null,
      `mutation { signIn(input: { email: "x@example.com", password: "${secret}" }) { accessToken } }`,
    );
    const traced = await gateway.sql(
      `select action from audit_entry where user_id = '${person.userId}' and action like 'SIGN_IN%'`,
    );
    expect(traced.map(({ action }) => action).sort()).toEqual(['SIGN_IN', 'SIGN_IN_FAILED']);
    const tables = await gateway.sql("select tablename from pg_tables where schemaname = 'countersign'");
    expect(tables.length).toBeGreaterThan(30);
    for (const { tablename } of tables) {
      const [row] = await gateway.sql(
        `select count(*) from ${tablename} t where t::text like '%unmistakable%' or t::text like '%${person.password}%'`,
      );
      expect([tablename, Number(row!.count)]).toEqual([tablename, 0]);
    }
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
  });
});
