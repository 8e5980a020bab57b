import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '../canonical/canonical-json';
import { sha256 } from '../canonical/sha256';
import type { PublicJwk, SigningKey } from '../tokens/signing-key';

/** Whose signature, by the RFC 7638 thumbprint of the key, and the signature: ECDSA P-256 over SHA-256, r ‖ s, 64 bytes. */
export interface StatementSignature {
  readonly keyId: string;
  readonly signature: Buffer;
}

const ENCODING = 'ieee-p1363';

/** Public keys that may stand behind a statement. */
export class StatementVerifier {
  constructor(private readonly keys: ReadonlyMap<string, KeyObject>) {}

  /** Reads public keys in PEM (SubjectPublicKeyInfo), one or several in a text. Throws when there is none of P-256. */
  static fromPem(text: string): StatementVerifier {
    const blocks = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
    if (blocks.length === 0) throw new TypeError('there is no public key in PEM form');
    const keys = blocks.map((block): [string, KeyObject] => {
      const key = createPublicKey(block);
      const { crv, kty, x, y } = key.export({ format: 'jwk' });
      if (kty !== 'EC' || crv !== 'P-256') throw new TypeError('a public key is not one of P-256');
      return [thumbprint({ crv, kty, x, y }), key];
    });
    return new StatementVerifier(new Map(keys));
  }

  get keyIds(): string[] {
    return [...this.keys.keys()];
  }

  /** True when one of these keys signed exactly this text. Never throws. */
  verify(text: string, { keyId, signature }: StatementSignature): boolean {
    const key = this.keys.get(keyId);
    if (key === undefined || signature.length !== 64) return false;
    return verify('sha256', Buffer.from(text), { key, dsaEncoding: ENCODING }, signature);
  }
}

/**
 * Signs statements of one purpose (ES256) so that anybody can check them who has the public key. A handle: it never shows
 * its private key.
 */
export class StatementSigner extends StatementVerifier {
  readonly #keys: readonly SigningKey[];

  /** The first key signs, all of them verify. */
  constructor(keys: readonly SigningKey[]) {
    super(new Map(keys.map(({ jwk, publicKey }) => [jwk.kid, publicKey])));
    this.#keys = keys;
  }

  sign(text: string): StatementSignature {
    const { privateKey, jwk } = this.#keys[0]!;
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: ENCODING });
    return { keyId: jwk.kid, signature };
  }

  /** The public keys as a JWK set (RFC 7517), current first. */
  jwks(): { keys: PublicJwk[] } {
    return { keys: this.#keys.map(({ jwk }) => ({ ...jwk })) };
  }

  /** The public keys in PEM (SubjectPublicKeyInfo), current first. */
  pem(): string {
    return this.#keys.map(({ publicKey }) => publicKey.export({ format: 'pem', type: 'spki' }) as string).join('');
  }
}

function thumbprint(required: Record<string, unknown>): string {
  return sha256(canonicalJson(required)).toString('base64url');
}
