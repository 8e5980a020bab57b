import { createPublicKey, createSecretKey, verify, webcrypto } from 'node:crypto';
import { decryptGcm, encryptGcm } from '../src/primitives/aes-256-gcm';
import { hkdfSha256 } from '../src/primitives/hkdf-sha256';
import { hmacSha256 } from '../src/primitives/hmac-sha256';
import { testVectors } from './published-vectors';

type Case = Record<string, string> & { tcId: number; size: number; result: 'valid' | 'invalid' | 'acceptable' };
type Group = { keySize: number; ivSize: number; tagSize: number; publicKeyDer: string; tests: Case[] };
type File = { numberOfTests: number; testGroups: Group[] };

const hex = (text: string) => Buffer.from(text, 'hex');

describe('Wycheproof: the primitives in use agree with every published edge case', () => {
  testVectors('AES-256-GCM, 96-bit IV, 128-bit tag', 'wycheproof/aes_gcm_test.json', (file: File) => {
    const counts = { valid: 0, invalid: 0 };
    for (const group of file.testGroups) {
      if (group.keySize !== 256 || group.ivSize !== 96 || group.tagSize !== 128) continue;
      for (const { tcId, key, iv, aad, msg, ct, tag, result } of group.tests) {
        const secret = createSecretKey(hex(key!));
        const sealed = Buffer.concat([hex(ct!), hex(tag!)]);
        const opened = decryptGcm(secret, hex(iv!), sealed, hex(aad!));
        if (result === 'valid') {
          expect([tcId, opened?.toString('hex')]).toEqual([tcId, msg]);
          expect([tcId, encryptGcm(secret, hex(iv!), hex(msg!), hex(aad!))]).toEqual([tcId, sealed]);
          counts.valid++;
        } else {
          expect([tcId, opened]).toEqual([tcId, null]);
          counts.invalid++;
        }
      }
    }
    return counts;
  });

  testVectors('AES-256-GCM refuses every IV that is not 96 bits', 'wycheproof/aes_gcm_test.json', (file: File) => {
    let refused = 0;
    for (const group of file.testGroups) {
      if (group.keySize !== 256 || group.ivSize === 96) continue;
      for (const { key, iv, aad, msg, ct, tag } of group.tests) {
        const secret = createSecretKey(hex(key!));
        expect(() => encryptGcm(secret, hex(iv!), hex(msg!), hex(aad!))).toThrow(RangeError);
        const sealed = Buffer.concat([hex(ct!), hex(tag!)]);
        expect(() => decryptGcm(secret, hex(iv!), sealed, hex(aad!))).toThrow(RangeError);
        refused++;
      }
    }
    return { refused };
  });

  testVectors('HMAC-SHA-256', 'wycheproof/hmac_sha256_test.json', (file: File) => {
    const counts = { valid: 0, invalid: 0 };
    for (const group of file.testGroups) {
      for (const { tcId, key, msg, tag, result } of group.tests) {
        const mac = hmacSha256(createSecretKey(hex(key!)), hex(msg!)).subarray(0, group.tagSize / 8);
        expect([tcId, mac.toString('hex') === tag]).toEqual([tcId, result === 'valid']);
        counts[result === 'valid' ? 'valid' : 'invalid']++;
      }
    }
    return counts;
  });

  testVectors('HKDF-SHA-256', 'wycheproof/hkdf_sha256_test.json', (file: File) => {
    const counts = { valid: 0, invalid: 0 };
    for (const group of file.testGroups) {
      for (const { tcId, ikm, salt, info, size, okm, result } of group.tests) {
        const derive = () => hkdfSha256(createSecretKey(hex(ikm!)), hex(salt!), hex(info!), size);
        if (result === 'valid') {
          expect([tcId, derive().toString('hex')]).toEqual([tcId, okm]);
          counts.valid++;
        } else {
          expect(derive).toThrow();
          counts.invalid++;
        }
      }
    }
    return counts;
  });

  const ecdsa = 'wycheproof/ecdsa_secp256r1_sha256_p1363_test.json';

  testVectors('ECDSA P-256 as ES256 spells it, by node:crypto', ecdsa, (file: File) => {
    const counts = { valid: 0, invalid: 0 };
    for (const group of file.testGroups) {
      const publicKey = createPublicKey({ key: hex(group.publicKeyDer), format: 'der', type: 'spki' });
      for (const { tcId, msg, sig, result } of group.tests) {
        const holds = verify('sha256', hex(msg!), { key: publicKey, dsaEncoding: 'ieee-p1363' }, hex(sig!));
        expect([tcId, holds]).toEqual([tcId, result === 'valid']);
        counts[result === 'valid' ? 'valid' : 'invalid']++;
      }
    }
    return counts;
  });

  testVectors('ECDSA P-256 by Web Crypto, which verifies access tokens', ecdsa, async (file: File) => {
    const counts = { valid: 0, invalid: 0 };
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    for (const group of file.testGroups) {
      const der = hex(group.publicKeyDer);
      const publicKey = await webcrypto.subtle.importKey('spki', der, algorithm, false, ['verify']);
      for (const { tcId, msg, sig, result } of group.tests) {
        const holds = await webcrypto.subtle.verify(algorithm, publicKey, hex(sig!), hex(msg!));
        expect([tcId, holds]).toEqual([tcId, result === 'valid']);
        counts[result === 'valid' ? 'valid' : 'invalid']++;
      }
    }
    return counts;
  });
});
