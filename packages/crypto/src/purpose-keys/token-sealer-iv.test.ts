import { createSecretKey } from 'node:crypto';
import { encryptGcm } from '../primitives/aes-256-gcm';
import { lengthPrefixed } from '../primitives/length-prefixed';
import { TokenSealer } from './token-sealer';

test('a token with a valid tag under an IV that the sealer would not have chosen does not open', () => {
  const encryption = createSecretKey(Buffer.alloc(32, 1));
  const sealer = new TokenSealer([{ label: 5, encryption, iv: createSecretKey(Buffer.alloc(32, 2)) }]);
  const iv = Buffer.alloc(12, 9);
  const associated = Buffer.concat([Buffer.of(5), lengthPrefixed('context')]);
  const own = Buffer.from(sealer.seal('text', 'context'), 'base64url');
  const same = encryptGcm(encryption, own.subarray(1, 13), Buffer.from('text'), associated);
  // The forged token differs from the sealer's own in nothing but the IV.
  expect(Buffer.concat([own.subarray(0, 13), same])).toEqual(own);
  const forged = Buffer.concat([Buffer.of(5), iv, encryptGcm(encryption, iv, Buffer.from('text'), associated)]);
  expect(sealer.open(own.toString('base64url'), 'context')).toBe('text');
  expect(sealer.open(forged.toString('base64url'), 'context')).toBeNull();
});
