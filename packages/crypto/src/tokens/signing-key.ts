import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../canonical/canonical-json';
import { sha256 } from '../canonical/sha256';

/** The public half of a signing key as RFC 7517 spells it. */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
}

/** The order of P-256's base point (SP 800-186 §3.2.1.3). */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/**
 * A P-256 key pair from derived bytes, the same for the same bytes: scalars are drawn until one lies in 1 … n-1
 * (FIPS 186-5 A.2.2 in spirit), so every key is equally likely; a second draw is needed once in about 2^32 times.
 * `drawBytes(attempt)` must give 32 independent bytes for each attempt. The key id is the RFC 7638 thumbprint.
 */
export function deriveSigningKey(drawBytes: (attempt: number) => Buffer): SigningKey {
  let scalar = drawBytes(0);
  for (let attempt = 1; !isScalar(scalar); attempt++) scalar = drawBytes(attempt);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33, 65).toString('base64url');
  const required = { crv: 'P-256', kty: 'EC', x, y } as const;
  const privateKey = createPrivateKey({ key: { ...required, d: scalar.toString('base64url') }, format: 'jwk' });
  const kid = sha256(canonicalJson(required)).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' } as const;
  return { privateKey, publicKey: createPublicKey(privateKey), jwk };
}

function isScalar(bytes: Buffer): boolean {
  const number = BigInt(`0x${bytes.toString('hex')}`);
  return number > 0n && number < ORDER;
}
