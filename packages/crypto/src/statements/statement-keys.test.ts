import { generateKeyPairSync, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { rootSecretFromBytes } from '../purpose-keys/root-secret';
import { StatementVerifier } from './statement-keys';

const old = Buffer.from('an invented root secret of 40 bytes long');
const root = rootSecretFromBytes(old);
const signer = root.statements('audit-heads');

test('whoever has the public key can check a statement, with any ES256 verifier', () => {
  const { keyId, signature } = signer.sign('a statement');
  const outsider = StatementVerifier.fromPem(signer.pem());
  expect(outsider.keyIds).toEqual([keyId]);
  expect(outsider.verify('a statement', { keyId, signature })).toBe(true);
  const key = { key: signer.pem(), dsaEncoding: 'ieee-p1363' } as const;
  expect(verify('sha256', Buffer.from('a statement'), key, signature)).toBe(true);
});

test('another text, another purpose, another key and a mangled signature are refused', () => {
  const signed = signer.sign('a statement');
  expect(signer.verify('another statement', signed)).toBe(false);
  expect(root.statements('witness').verify('a statement', signed)).toBe(false);
  expect(signer.verify('a statement', { ...signed, keyId: 'x' })).toBe(false);
  for (let bit = 0; bit < 512; bit++) {
    const signature = Buffer.from(signed.signature);
    signature[bit >> 3]! ^= 1 << (bit & 7);
    expect(signer.verify('a statement', { ...signed, signature })).toBe(false);
  }
  for (const length of [0, 63, 65]) {
    expect(signer.verify('a statement', { ...signed, signature: Buffer.alloc(length) })).toBe(false);
  }
});

test('every replica has the same key, and after a rotation the old one still verifies', () => {
  const replica = rootSecretFromBytes(Buffer.from(old)).statements('audit-heads');
  expect(replica.jwks()).toEqual(signer.jwks());
  const rotated = rootSecretFromBytes(Buffer.alloc(32, 7), [old]).statements('audit-heads');
  expect(rotated.verify('m', signer.sign('m'))).toBe(true);
  expect(signer.verify('m', rotated.sign('m'))).toBe(false);
  expect(StatementVerifier.fromPem(rotated.pem()).keyIds).toEqual(rotated.jwks().keys.map(({ kid }) => kid));
});

test('what is no P-256 key in PEM form is refused, and the handle shows no private key', () => {
  expect(() => StatementVerifier.fromPem('no key')).toThrow(TypeError);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  expect(() => StatementVerifier.fromPem(publicKey.export({ type: 'spki', format: 'pem' }) as string)).toThrow('P-256');
  expect(`${inspect(signer, { showHidden: true, depth: 9 })}${JSON.stringify(signer)}`).not.toMatch(/private|"d"/i);
});
