import { createECDH, createPrivateKey, type KeyObject, verify as verifySignature } from 'node:crypto';
import fc from 'fast-check';
import { calculateJwkThumbprint, createLocalJWKSet, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { rootSecretFromBytes } from '../purpose-keys/root-secret';
import { AccessTokens } from './access-tokens';
import { deriveSigningKey } from './signing-key';

const names = { issuer: 'https://gateway.example', audience: 'https://gateway.example/graphql' };
const root = rootSecretFromBytes(Buffer.alloc(32, 5));
const tokens = root.accessTokens(names);
const now = new Date('2026-03-01T12:00:00.400Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const claims = { subject: 'user-1', clientId: 'client-1', sessionId: 'session-1', expiresInSeconds: 600 };

test('what is issued is what is verified', async () => {
  const extra = { epoch: 7, scope: 'invoices:read', actor: null };
  const issued = await tokens.issue({ ...claims, extra }, now);
  expect(issued.expiresAt).toEqual(new Date('2026-03-01T12:10:00.000Z'));
  expect(await tokens.verify(issued.token, now)).toEqual({
    subject: 'user-1',
    clientId: 'client-1',
    sessionId: 'session-1',
    jti: issued.jti,
    issuedAt: new Date('2026-03-01T12:00:00.000Z'),
    expiresAt: issued.expiresAt,
    extra,
  });
});

test('a foreign program verifies our token by the published keys alone', async () => {
  const { token } = await tokens.issue(claims, now);
  const keys = createLocalJWKSet(tokens.jwks() as never);
  const { payload, protectedHeader } = await jwtVerify(token, keys, { ...names, typ: 'at+jwt', currentDate: now });
  expect(payload.client_id).toBe('client-1');
  expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: tokens.jwks().keys[0]!.kid });
});

test('every replica has the same key, named by its RFC 7638 thumbprint, and only its public half is shown', async () => {
  const replica = rootSecretFromBytes(Buffer.alloc(32, 5)).accessTokens(names);
  expect(replica.jwks()).toEqual(tokens.jwks());
  expect(await replica.verify((await tokens.issue(claims, now)).token, now)).not.toBeNull();
  const [key] = tokens.jwks().keys;
  expect(key!.kid).toBe(await calculateJwkThumbprint({ ...key! }));
  expect(Object.keys(key!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
});

test('a token holds from its first second to its last, give or take five seconds of clock drift', async () => {
  const { token } = await tokens.issue(claims, now);
  const holds = async (at: Date) => (await tokens.verify(token, at)) !== null;
  expect(await holds(later(604))).toBe(true);
  expect(await holds(later(605))).toBe(false);
  expect(await holds(later(86_400))).toBe(false);
  expect(await holds(later(-5))).toBe(true);
  expect(await holds(later(-7))).toBe(false);
});

test('a token of another issuer, audience or secret does not verify', async () => {
  const { token } = await tokens.issue(claims, now);
  for (const other of [
    root.accessTokens({ ...names, issuer: 'https://other.example' }),
    root.accessTokens({ ...names, audience: 'https://gateway.example' }),
    rootSecretFromBytes(Buffer.alloc(32, 6)).accessTokens(names),
  ]) {
    expect(await other.verify(token, now)).toBeNull();
  }
});

test('after a rotation of the root secret, tokens signed before it still verify and new ones are signed anew', async () => {
  const rotated = rootSecretFromBytes(Buffer.alloc(32, 9), [Buffer.alloc(32, 5)]).accessTokens(names);
  expect(await rotated.verify((await tokens.issue(claims, now)).token, now)).not.toBeNull();
  expect(await tokens.verify((await rotated.issue(claims, now)).token, now)).toBeNull();
  expect(rotated.jwks().keys).toHaveLength(2);
});

describe('with our own key in a forger’s hand', () => {
  let privateKey: KeyObject;
  let publicKeys: AccessTokens;
  beforeAll(() => {
    const key = deriveSigningKey(() => Buffer.alloc(32, 1));
    privateKey = key.privateKey;
    publicKeys = new AccessTokens(names, [key]);
  });
  const seconds = Math.floor(now.getTime() / 1000);
  const good = {
    ...{ iss: names.issuer, aud: names.audience as unknown, sub: 'u', jti: 'j', client_id: 'c' as unknown },
    ...{ iat: seconds, nbf: seconds, exp: seconds + 60 },
  };
  const forge = (payload: object, header: object = {}) =>
    new SignJWT(payload as never)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: publicKeys.jwks().keys[0]!.kid, ...header })
      .sign(privateKey);

  test('the payload used below verifies as it stands', async () => {
    expect(await publicKeys.verify(await forge(good), now)).not.toBeNull();
  });

  test.each(Object.keys(good).filter((name) => name !== 'client_id'))('a token without %s is refused', async (name) => {
    expect(await publicKeys.verify(await forge({ ...good, [name]: undefined }), now)).toBeNull();
  });

  test.each([
    ['a list of audiences', { aud: [names.audience] }],
    ['an empty subject', { sub: '' }],
    ['a number as its id', { jti: 7 }],
    ['a client that is no text', { client_id: ['c'] }],
    ['a nested claim', { act: { sub: 'x' } }],
    ['a start in the future', { nbf: seconds + 60 }],
  ])('a token with %s is refused', async (_, change) => {
    expect(await publicKeys.verify(await forge({ ...good, ...change }), now)).toBeNull();
  });

  test.each([
    ['an ordinary JWT', { typ: 'JWT' }],
    ['no type', { typ: undefined }],
    ['a type in another spelling', { typ: 'application/at+jwt' }],
    ['no key id', { kid: undefined }],
    ['a foreign key id', { kid: 'other' }],
  ])('a token whose header says %s is refused', async (_, header) => {
    expect(await publicKeys.verify(await forge(good, header), now)).toBeNull();
  });

  test('a token by another algorithm is refused, be it none, HMAC over the public key, or ES384', async () => {
    const kid = publicKeys.jwks().keys[0]!.kid;
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = `${part({ alg: 'none', typ: 'at+jwt', kid })}.${part(good)}.`;
    const secret = Buffer.from(JSON.stringify(publicKeys.jwks().keys[0]));
    const hmac = await new SignJWT(good as never).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid }).sign(secret);
    const pair = await generateKeyPair('ES384');
    const es384 = await new SignJWT(good as never)
      .setProtectedHeader({ alg: 'ES384', typ: 'at+jwt', kid })
      .sign(pair.privateKey);
    for (const token of [none, hmac, es384]) expect(await publicKeys.verify(token, now)).toBeNull();
  });
});

test('a token with any one character changed does not verify', async () => {
  const { token } = await tokens.issue(claims, now);
  for (let index = 0; index < token.length; index++) {
    const other = token[index] === 'A' ? 'B' : 'A';
    const altered = token.slice(0, index) + other + token.slice(index + 1);
    expect([index, await tokens.verify(altered, now)]).toEqual([index, null]);
  }
});

test('whatever else is given to verify is null, never an exception', async () => {
  const { token } = await tokens.issue(claims, now);
  for (const text of ['', '.', '..', 'a.b.c', `${token}=`, ` ${token}`, `${token}.`, `Bearer ${token}`]) {
    expect(await tokens.verify(text, now)).toBeNull();
  }
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (value) => {
      expect(await tokens.verify(value as string, now)).toBeNull();
    }),
  );
});

test('extra claims cannot replace the token’s own, and a lifetime must be whole seconds above 0', async () => {
  for (const name of ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'client_id', 'sid']) {
    await expect(tokens.issue({ ...claims, extra: { [name]: 'x' } }, now)).rejects.toThrow(name);
  }
  for (const expiresInSeconds of [0, -1, 1.5, Number.NaN]) {
    await expect(tokens.issue({ ...claims, expiresInSeconds }, now)).rejects.toThrow(RangeError);
  }
  await expect(tokens.issue({ ...claims, subject: '' }, now)).rejects.toThrow(RangeError);
});

describe('the signing key', () => {
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

  test('a draw outside 1 … n-1 is drawn again, never reduced', () => {
    const one = Buffer.from(`${'00'.repeat(31)}01`, 'hex');
    const draws = [Buffer.alloc(32), order, Buffer.alloc(32, 0xff), one];
    const asked: number[] = [];
    const { jwk } = deriveSigningKey((attempt) => {
      asked.push(attempt);
      return draws[attempt]!;
    });
    expect(asked).toEqual([0, 1, 2, 3]);
    // The public point of the scalar 1 is the curve's base point (SP 800-186 §3.2.1.3).
    expect(Buffer.from(jwk.x, 'base64url').toString('hex')).toBe(
      '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
    );
  });

  test('the largest scalar, n-1, is taken as it is', () => {
    const largest = Buffer.from(order);
    largest[31]! -= 1;
    const { jwk, privateKey } = deriveSigningKey(() => largest);
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(largest);
    expect(Buffer.from(jwk.x, 'base64url')).toEqual(ecdh.getPublicKey().subarray(1, 33));
    expect(createPrivateKey({ key: privateKey.export({ format: 'jwk' }), format: 'jwk' }).type).toBe('private');
  });

  test('the public half belongs to the private half', async () => {
    const { publicKey } = deriveSigningKey(() => Buffer.alloc(32, 8));
    const issuer = new AccessTokens(names, [deriveSigningKey(() => Buffer.alloc(32, 8))]);
    const [header, payload, signature] = (await issuer.issue(claims, now)).token.split('.');
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verifySignature('sha256', signed, key, Buffer.from(signature!, 'base64url'))).toBe(true);
  });
});
