import crypto from 'node:crypto';
import { selfTest } from './self-test';

const algorithms = ['SHA-256', 'HMAC-SHA-256', 'HKDF-SHA-256', 'AES-256-GCM', 'ECDSA P-256'];

test('all five algorithms give their published answers', () => {
  expect(selfTest()).toEqual(algorithms.map((algorithm) => ({ algorithm, ok: true })));
});

describe('with a primitive that is broken or missing', () => {
  afterEach(() => jest.restoreAllMocks());

  const primitives = [
    'hash',
    'createHmac',
    'hkdfSync',
    'createCipheriv',
    'createDecipheriv',
    'sign',
    'verify',
  ] as const;
  const expected = {
    hash: 'SHA-256',
    createHmac: 'HMAC-SHA-256',
    hkdfSync: 'HKDF-SHA-256',
    createCipheriv: 'AES-256-GCM',
    createDecipheriv: 'AES-256-GCM',
    sign: 'ECDSA P-256',
    verify: 'ECDSA P-256',
  };

  test.each(primitives)('%s failing fails its own algorithm only, without an exception', (name) => {
    jest.spyOn(crypto, name).mockImplementation(() => {
      throw new Error('not allowed in this mode');
    });
    expect(selfTest()).toEqual(algorithms.map((algorithm) => ({ algorithm, ok: algorithm !== expected[name] })));
  });

  test('a verification that says yes to everything is noticed', () => {
    jest.spyOn(crypto, 'verify').mockImplementation((() => true) as never);
    expect(selfTest().find(({ algorithm }) => algorithm === 'ECDSA P-256')).toEqual({
      algorithm: 'ECDSA P-256',
      ok: false,
    });
  });
});
