import { hash, parseOptions, verify } from '@node-rs/argon2';
import { dummyVerify, hashPassword, needsRehash, verifyPassword } from './hash-password';
import { HashingBusy } from './hashing-queue';

// The real one, whose calls are noted.
jest.mock('@node-rs/argon2', () => {
  const real = jest.requireActual('@node-rs/argon2');
  return { ...real, verify: jest.fn(real.verify) };
});

const password = 'a long enough passphrase';

test('a hash is Argon2id in PHC form with 19 MiB, 2 passes and 1 lane, and salted', async () => {
  const [one, two] = await Promise.all([hashPassword(password), hashPassword(password)]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword(one, password)).toBe(true);
  expect(await verifyPassword(one, `${password} `)).toBe(false);
  expect(await verifyPassword(one, password.toUpperCase())).toBe(false);
});

test('the same characters typed on another system are the same password', async () => {
  const stored = await hashPassword('Zu\u0308rich\u00a0\ufb01nance');
  expect(await verifyPassword(stored, 'Z\u00fcrich finance')).toBe(true);
});

test.each([
  ['empty', ''],
  ['no hash', 'password'],
  ['cut short', '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA'],
  ['of another kind', '$2b$12$abcdefghijklmnopqrstuuKz1n1n1n1n1n1n1n1n1n1n1n1n1n1n1'],
  ['of an unbearable cost', '$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAA'],
])('a stored hash that is %s verifies nothing, without an exception', async (_, stored) => {
  expect(await verifyPassword(stored, password)).toBe(false);
  expect(needsRehash(stored)).toBe(true);
});

test('a hash by the weaker Argon2i or Argon2d is not accepted', async () => {
  for (const algorithm of [0, 1]) {
    const stored = await hash(password, { algorithm, memoryCost: 19_456, timeCost: 2 });
    expect(await verifyPassword(stored, password)).toBe(false);
    expect(needsRehash(stored)).toBe(true);
  }
});

test('an overlong password is refused when set and wrong when given', async () => {
  const long = 'x'.repeat(1025);
  await expect(hashPassword(long)).rejects.toThrow(RangeError);
  const stored = await hashPassword(long.slice(0, 1024));
  expect(await verifyPassword(stored, long)).toBe(false);
  expect(await verifyPassword(stored, long.slice(0, 1024))).toBe(true);
});

test('a hash of today needs no rehash, one of another cost does and still verifies', async () => {
  expect(needsRehash(await hashPassword(password))).toBe(false);
  for (const cost of [{ memoryCost: 9_728 }, { timeCost: 3 }, { parallelism: 2 }, { outputLen: 24 }]) {
    const stored = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 2, ...cost });
    expect(needsRehash(stored)).toBe(true);
    expect(await verifyPassword(stored, password)).toBe(true);
  }
});

test('an unknown user and a broken hash take the work of a wrong password', async () => {
  const stored = await hashPassword(password);
  const workOf = async (check: () => Promise<boolean>) => {
    jest.mocked(verify).mockClear();
    expect(await check()).toBe(false);
    return jest.mocked(verify).mock.calls.map(([made, given]) => [parseOptions(made as string), given]);
  };
  const { algorithm, memoryCost, timeCost, parallelism, outputLen } = parseOptions(stored);
  const cost = { algorithm, memoryCost, timeCost, parallelism, outputLen };
  const checks = [
    () => verifyPassword(stored, 'a wrong passphrase'),
    () => dummyVerify('a wrong passphrase'),
    () => verifyPassword('broken', 'a wrong passphrase'),
  ];
  for (const check of checks) {
    expect(await workOf(check)).toEqual([[expect.objectContaining(cost), 'a wrong passphrase']]);
  }
});

test('of a flood of sign-ins 66 are taken and the others are turned away at once', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 100 }, () => dummyVerify(password)));
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(refused).toHaveLength(34);
  for (const answer of refused) expect((answer as PromiseRejectedResult).reason).toBeInstanceOf(HashingBusy);
  expect(await dummyVerify(password)).toBe(false);
});
