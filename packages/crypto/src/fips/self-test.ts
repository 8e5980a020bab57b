import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject, sign, verify } from 'node:crypto';
import { sha256 } from '../canonical/sha256';
import { decryptGcm, encryptGcm } from '../primitives/aes-256-gcm';
import { hkdfSha256 } from '../primitives/hkdf-sha256';
import { hmacSha256 } from '../primitives/hmac-sha256';

export interface SelfTestResult {
  readonly algorithm: 'SHA-256' | 'HMAC-SHA-256' | 'HKDF-SHA-256' | 'AES-256-GCM' | 'ECDSA P-256';
  readonly ok: boolean;
}

/**
 * Known-answer tests of the approved algorithms, run through the very functions that the gateway uses. Never throws; a
 * start must stop when any is not ok.
 *
 * This makes the gateway FIPS-ready, not FIPS-certified: the level is whatever the provider's own certificate says.
 * `crypto.getFips()` is no evidence: it can answer 1 where no validated provider is installed at all.
 */
export function selfTest(): SelfTestResult[] {
  return [
    { algorithm: 'SHA-256', ok: holds(testSha256) },
    { algorithm: 'HMAC-SHA-256', ok: holds(testHmac) },
    { algorithm: 'HKDF-SHA-256', ok: holds(testHkdf) },
    { algorithm: 'AES-256-GCM', ok: holds(testGcm) },
    { algorithm: 'ECDSA P-256', ok: holds(testEcdsa) },
  ];
}

function holds(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false;
  }
}

/** FIPS 180-4, example "abc". */
function testSha256(): boolean {
  return sha256('abc').toString('hex') === 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
}

/** RFC 4231 §4.3. */
function testHmac(): boolean {
  const mac = hmacSha256(secret('4a656665'), 'what do ya want ', 'for nothing?').toString('hex');
  return mac === '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
}

/** RFC 5869 A.1. */
function testHkdf(): boolean {
  const okm = hkdfSha256(secret('0b'.repeat(22)), hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42);
  return okm.toString('hex') === '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865';
}

/** McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16; and a broken tag must be noticed. */
function testGcm(): boolean {
  const key = secret('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
  const iv = hex('cafebabefacedbaddecaf888');
  const associated = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
  const plaintext = hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  );
  const expected = hex(
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
  );
  const sealed = encryptGcm(key, iv, plaintext, associated);
  const opened = decryptGcm(key, iv, expected, associated);
  const broken = Buffer.from(expected);
  broken[broken.length - 1]! ^= 1;
  return (
    sealed.equals(expected) && opened?.equals(plaintext) === true && decryptGcm(key, iv, broken, associated) === null
  );
}

/** RFC 6979 A.2.5: its key, and its signature of "sample"; then a signature of our own, and a tampered one. */
function testEcdsa(): boolean {
  const point = {
    kty: 'EC',
    crv: 'P-256',
    x: hex('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6').toString('base64url'),
    y: hex('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299').toString('base64url'),
  };
  const d = hex('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721').toString('base64url');
  const publicKey = createPublicKey({ key: point, format: 'jwk' });
  const privateKey = createPrivateKey({ key: { ...point, d }, format: 'jwk' });
  const published = hex(
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  );
  const own = sign('sha256', Buffer.from('sample'), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const tampered = Buffer.from(published);
  tampered[0]! ^= 1;
  return verifies(publicKey, published) && verifies(publicKey, own) && !verifies(publicKey, tampered);
}

function verifies(publicKey: KeyObject, signature: Buffer): boolean {
  return verify('sha256', Buffer.from('sample'), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

function secret(bytes: string): KeyObject {
  return createSecretKey(hex(bytes));
}

function hex(bytes: string): Buffer {
  return Buffer.from(bytes, 'hex');
}
