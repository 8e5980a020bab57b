import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { blank, codes, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

const base64url = (value: unknown) =>
  (Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))).toString(
    'base64url',
  );
const partsOf = (token: string) => token.split('.') as [string, string, string];
const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());

describe('A token counts only as it was issued, while it lasts, for a user who may sign in', () => {
  let ahead = 0;
  let gateway: TestGateway;
  let stranger: TestGateway;
  let ledger: SampleLedger;
  let watch: ErrorWatch;
  const WHO = '{ viewer { name } }';

  beforeAll(async () => {
    gateway = await startTestGateway({ now: () => new Date(Date.now() + ahead) });
    ledger = await sampleLedger(gateway);
    // Another installation: the same names, another root secret.
    stranger = await startTestGateway();
    watch = new ErrorWatch(gateway);
  });
  beforeEach(() => {
    ahead = 0;
  });
  afterAll(async () => {
    await stranger.stop();
    await gateway.stop();
  });

  const nameOf = async (token: string) => (await gateway.ask(token, WHO)).body.data?.viewer.name ?? null;

  describe('forged', () => {
    const forgeries: [string, (token: string) => string | Promise<string>][] = [
      ['nonsense', () => 'nonsense'],
      ['three empty parts', () => '..'],
      ['nothing', () => ''],
      ['no signature', (token) => partsOf(token).slice(0, 2).join('.')],
      ['an empty signature', (token) => `${partsOf(token).slice(0, 2).join('.')}.`],
      ['a signature of noughts', (token) => [...partsOf(token).slice(0, 2), base64url(Buffer.alloc(64))].join('.')],
      [
        'a signature with one bit changed',
        (token) => {
          const signature = Buffer.from(partsOf(token)[2], 'base64url');
          signature[10]! ^= 1;
          return [...partsOf(token).slice(0, 2), base64url(signature)].join('.');
        },
      ],
      [
        'a signature of another token',
        async (token) => {
          const other = await gateway.tokenOf(ledger.portal.userId);
          return [...partsOf(token).slice(0, 2), partsOf(other)[2]].join('.');
        },
      ],
      [
        'another subject under the old signature',
        (token) => {
          const [header, payload, signature] = partsOf(token);
          return [header, base64url({ ...decoded(payload), sub: ledger.admin.userId }), signature].join('.');
        },
      ],
      ...['none', 'None', 'NONE', 'nOnE', ''].map((alg): [string, (token: string) => string] => [
        `alg: ${alg || 'empty'}`,
        (token) => `${base64url({ ...decoded(partsOf(token)[0]), alg })}.${partsOf(token)[1]}.`,
      ]),
      [
        'alg: none with the old signature',
        (token) => {
          const [header, payload, signature] = partsOf(token);
          return [base64url({ ...decoded(header), alg: 'none' }), payload, signature].join('.');
        },
      ],
      [
        'HS256 over our public key',
        (token) => {
          const [header, payload] = partsOf(token);
          const text = `${base64url({ ...decoded(header), alg: 'HS256' })}.${payload}`;
          const key = JSON.stringify(gateway.core.tokens.jwks().keys[0]);
          return `${text}.${base64url(createHmac('sha256', key).update(text).digest())}`;
        },
      ],
      ['a key of its own in the header', (token) => signedByOwnKey(token, (jwk) => ({ jwk }))],
      [
        'the address of a key in the header',
        (token) => signedByOwnKey(token, () => ({ jku: 'http://127.0.0.1:1/jwks' })),
      ],
      ['a key id that is a path', (token) => signedByOwnKey(token, () => ({ kid: '../../../../dev/null' }))],
      ['a critical header that nobody knows', (token) => signedByOwnKey(token, () => ({ crit: ['x'], x: 1 }))],
      ['five parts, as if encrypted', (token) => `${token}.a.b`],
      [
        'padded parts',
        (token) =>
          partsOf(token)
            .map((part) => `${part}=`)
            .join('.'),
      ],
      ['100,000 characters', () => 'a'.repeat(15_000)],
      [
        'the token of a stranger with the same name',
        async (token) => {
          const { sub } = decoded(partsOf(token)[1]);
          return (await stranger.core.tokens.issue({ subject: sub, expiresInSeconds: 600 }, new Date())).token;
        },
      ],
      [
        'a token of ours for another audience',
        async (token) => issued(token, { issuer: 'countersign', audience: 'another' }),
      ],
      [
        'a token of ours from another issuer',
        async (token) => issued(token, { issuer: 'https://another', audience: 'countersign' }),
      ],
      ['the token of nobody', async () => gateway.tokenOf('01900000-0000-7000-8000-000000000000')],
      ['the token of a subject that is no id', async () => gateway.tokenOf("' or true --")],
      [
        'a token that has ended',
        async (token) => {
          const { sub } = decoded(partsOf(token)[1]);
          return (
            await gateway.core.tokens.issue({ subject: sub, expiresInSeconds: 60 }, new Date(Date.now() - 120_000))
          ).token;
        },
      ],
      [
        'a token that has not begun',
        async (token) => {
          const { sub } = decoded(partsOf(token)[1]);
          return (
            await gateway.core.tokens.issue({ subject: sub, expiresInSeconds: 600 }, new Date(Date.now() + 120_000))
          ).token;
        },
      ],
    ];

    function signedByOwnKey(token: string, more: (jwk: object) => object): string {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const [header, payload] = partsOf(token);
      const text = `${base64url({ ...decoded(header), ...more(publicKey.export({ format: 'jwk' })) })}.${payload}`;
      return `${text}.${base64url(sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }))}`;
    }

    async function issued(token: string, names: { issuer: string; audience: string }): Promise<string> {
      const tokens = gateway.core.root.accessTokens(names);
      return (await tokens.issue({ subject: decoded(partsOf(token)[1]).sub, expiresInSeconds: 600 }, new Date())).token;
    }

    test.each(forgeries)('%s: refused, and all in the same words', async (_name, forge) => {
      const token = await forge(ledger.analyst.token);
      const refused = await gateway.post(null, JSON.stringify({ query: WHO }), { authorization: `Bearer ${token}` });
      expect(refused.status).toBe(401);
      const nonsense = await gateway.post(null, JSON.stringify({ query: WHO }), { authorization: 'Bearer nonsense' });
      expect(blank(refused.text)).toBe(blank(nonsense.text));
      const schema = await gateway.get('/schema.graphql', token || 'x');
      expect([schema.status, schema.text]).toEqual([401, expect.stringContaining('UNAUTHENTICATED')]);
    });

    test('the genuine one still works after all of them', async () => {
      expect(await nameOf(ledger.analyst.token)).toBe('Ana Lyst');
    });

    test('it is taken from the Authorization header as a bearer token, and from nowhere else', async () => {
      const { token } = ledger.analyst;
      const body = JSON.stringify({ query: WHO });
      for (const authorization of [
        token,
        `Basic ${token}`,
        `Token ${token}`,
        `Bearer ${token}, Bearer ${token}`,
        `Bearer ${token} x`,
      ]) {
        expect([authorization.slice(0, 8), (await gateway.post(null, body, { authorization })).status]).toEqual([
          authorization.slice(0, 8),
          401,
        ]);
      }
      const elsewhere = await gateway.post(null, body, {
        cookie: `token=${token}`,
        'x-authorization': `Bearer ${token}`,
      });
      expect(codes(elsewhere)).toEqual(['UNAUTHENTICATED']);
      const answer = await gateway.post(null, body, { authorization: `bearer  ${token}` });
      expect(answer.body.data.viewer.name).toBe('Ana Lyst');
    });
  });

  describe('in time', () => {
    test('a token that was seen before ends when it ends', async () => {
      const { token } = await gateway.core.tokens.issue(
        { subject: ledger.analyst.userId, expiresInSeconds: 600 },
        new Date(),
      );
      expect(await nameOf(token)).toBe('Ana Lyst');
      ahead = 599_000;
      expect(await nameOf(token)).toBe('Ana Lyst');
      ahead = 606_000;
      expect(await nameOf(token)).toBeNull();
    });

    test('a role that is given for a time comes and goes by the clock alone', async () => {
      const person = await gateway.person({ name: 'Tem Porary', audience: 'STAFF' });
      const roleId = (await gateway.roleIds()).get('analyst')!;
      const at = (ms: number) => new Date(Date.now() + ms).toISOString();
      const input = { roleId, userId: person.userId, validFrom: at(60_000), validUntil: at(120_000) };
      await gateway.install([{ verb: 'create', object: 'RoleAssignment', input }]);
      const roles = async () =>
        (await gateway.ask(person.token, '{ viewer { roles { name } } }')).body.data.viewer.roles;
      const sees = async () => codes(await gateway.ask(person.token, '{ accounts { totalCount } }'));
      expect([await roles(), await sees()]).toEqual([[], ['FORBIDDEN']]);
      ahead = 90_000;
      expect([await roles(), await sees()]).toEqual([[{ name: 'analyst' }], []]);
      ahead = 130_000;
      expect([await roles(), await sees()]).toEqual([[], ['FORBIDDEN']]);
    });

    test('a password that is changed ends the tokens made before, also those made in the same second', async () => {
      const second = Math.ceil(Date.now() / 1_000) * 1_000 + 30_000;
      const changedAt = second + 500;
      const { userId } = ledger.secondAnalyst;
      const issue = async (ms: number) =>
        (await gateway.core.tokens.issue({ subject: userId, expiresInSeconds: 600 }, new Date(ms))).token;
      const [before, after] = [await issue(changedAt - 200), await issue(changedAt + 200)];
      ahead = 31_000;
      expect([await nameOf(before), await nameOf(after)]).toEqual(['Otto Lyst', 'Otto Lyst']);
      await gateway.sql(`update user_credential set changed_at = '${new Date(changedAt).toISOString()}' where user_id = '${userId}';
        update authority_head set people_epoch = people_epoch + 1`);
      expect([await nameOf(before), await nameOf(after)]).toEqual([null, 'Otto Lyst']);
    });
  });

  describe('of a user who may not sign in any more', () => {
    test('disabled: the token is like one that never was; enabled again, it counts again', async () => {
      const { userId, token } = await gateway.person({ name: 'Dee Sabled', audience: 'STAFF' });
      expect(await nameOf(token)).toBe('Dee Sabled');
      const status = async (value: string) => {
        const { rows } = await gateway.core.database.pool.query('select version from app_user where id = $1', [userId]);
        await gateway.install([
          { verb: 'update', object: 'User', id: userId, expectedVersion: rows[0].version, input: { status: value } },
        ]);
      };
      await status('DISABLED');
      // The first request finds it out while it runs, the next ones at the door.
      expect(await nameOf(token)).toBeNull();
      const refused = await gateway.ask(token, WHO);
      expect(blank(refused.text)).toBe(blank((await gateway.ask('nonsense', WHO)).text));
      await status('ACTIVE');
      expect(await nameOf(token)).toBe('Dee Sabled');
    });

    test('made somebody else by psql: a row that was altered behind the gateway signs nobody in', async () => {
      for (const change of [
        "audience = 'STAFF'",
        'account_id = null',
        "region = 'EMEA'",
        "email = 'other@example.com'",
      ]) {
        const person = await gateway.person({ name: 'Al Tered', audience: 'PORTAL', accountId: ledger.accountIds[0]! });
        expect(await nameOf(person.token)).toBe('Al Tered');
        await gateway.sql(
          `update app_user set ${change} where id = '${person.userId}'; update authority_head set people_epoch = people_epoch + 1`,
        );
        expect([change, await nameOf(person.token)]).toEqual([change, null]);
      }
    });
  });

  describe('on a replica that was told nothing', () => {
    test('rights that are taken away while a user is being read are gone: user and head belong together', async () => {
      const replica = await startTestGateway({ database: gateway.database, root: gateway });
      try {
        const { userId, token } = await gateway.person({ name: 'Ra Ced', audience: 'STAFF', roles: ['analyst'] });
        const { pool } = replica.core.database;
        const run = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
        let raced = false;
        (pool as { query: unknown }).query = async (...args: unknown[]) => {
          const result = await run(...args);
          // The user has been read, with the role; before anything is done with that, the role goes.
          if (!raced && typeof args[0] === 'string' && args[0].includes('join person p on')) {
            raced = true;
            await gateway.revokeRoles({ userId });
          }
          return result;
        };
        const answer = await replica.ask(token, '{ accounts { totalCount } }');
        expect(raced).toBe(true);
        expect(answer.body.data).toEqual({ accounts: null });
        expect(codes(answer)).toEqual(['FORBIDDEN']);
      } finally {
        await replica.stop();
      }
    });

    test('what is granted and what is taken away shows at once in the schema, in validation and in refusals', async () => {
      const replica = await startTestGateway({ database: gateway.database, root: gateway });
      try {
        const { portal } = ledger;
        const see = (action: string, effect: 'ALLOW' | 'DENY') => [
          { role: 'portal', object: 'Account', field: 'region', action, effect },
        ];
        // `id`, `name`, `invoices` and their aggregate.
        const fields = async () =>
          (await replica.ask(portal.token, '{ __type(name: "Account") { fields { name } } }')).body.data.__type.fields
            .length;
        const query = '{ accounts { nodes { region } } }';
        const where = 'query ($w: AccountWhere) { accounts(where: $w) { totalCount } }';
        expect([await fields(), codes(await replica.ask(portal.token, query))]).toEqual([
          4,
          ['GRAPHQL_VALIDATION_FAILED'],
        ]);

        await gateway.lines(see('SEE_CLEAR', 'ALLOW'));
        expect((await replica.ask(portal.token, query)).body.data.accounts.nodes).toEqual([{ region: 'EMEA' }]);
        expect(
          (await replica.ask(portal.token, where, { w: { region: { eq: 'EMEA' } } })).body.data.accounts.totalCount,
        ).toBe(1);
        expect(await fields()).toBe(5);

        await gateway.lines(see('SEE_MASKED', 'DENY'));
        expect(await fields()).toBe(4);
        expect(codes(await replica.ask(portal.token, query))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
        expect(codes(await replica.ask(portal.token, where, { w: { region: { eq: 'EMEA' } } }))).toEqual([
          'BAD_USER_INPUT',
        ]);
        expect((await replica.get('/schema.graphql', portal.token)).text).not.toMatch(/region/);
      } finally {
        await replica.stop();
      }
    });
  });

  test('a token says who, not more: no name, no address, no role', async () => {
    const { body } = await gateway.signIn(ledger.support.email, ledger.support.password);
    const [header, payload] = partsOf(body.data.signIn.accessToken);
    expect(decoded(header)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(Object.keys(decoded(payload)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub']);
    expect(decoded(payload).exp - decoded(payload).iat).toBe(600);
    expect(Date.parse(body.data.signIn.expiresAt)).toBe(decoded(payload).exp * 1_000);
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
  });
});
