import { createSecretKey, type KeyObject } from 'node:crypto';
import { hkdfSha256 } from '../primitives/hkdf-sha256';
import { SealingKey, ValueSealer } from '../sealing/seal-value';
import { StatementSigner } from '../statements/statement-keys';
import { AccessTokens } from '../tokens/access-tokens';
import { deriveSigningKey } from '../tokens/signing-key';
import { MacKey } from './mac-key';
import { TokenSealer } from './token-sealer';
import { WebhookKey } from './webhook-key';

export const ROOT_SECRET_MIN_BYTES = 32;

/** A fixed salt keeps our derivations apart from any other program that was given the same secret (RFC 5869 §3.1). */
const SALT = 'countersign root secret';
const PURPOSE = /^[a-z0-9][a-z0-9:._-]{0,99}$/;

interface SecretVersion {
  readonly label: number;
  readonly key: KeyObject;
}

/**
 * The one secret behind the gateway's own keys, in one or more versions: the first makes, all verify and open.
 * It hands out handles by purpose (HKDF-SHA-256, a distinct info string each); neither it nor they ever show key bytes.
 *
 * A version is named in MACs and tokens by one byte derived from the secret itself, so the order of versions may change
 * and old ones may go without renaming the rest. To rotate without a gap over several replicas: add the new secret as
 * second everywhere, then put it first everywhere, then drop the old one when nothing made by it is still of use.
 */
export class RootSecret {
  readonly #versions: readonly SecretVersion[];

  /** Throws RangeError for a version shorter than 32 bytes. */
  constructor(current: Uint8Array, older: readonly Uint8Array[] = []) {
    this.#versions = [current, ...older].map((bytes) => {
      if (bytes.length < ROOT_SECRET_MIN_BYTES) {
        throw new RangeError(`a root secret needs at least ${ROOT_SECRET_MIN_BYTES} bytes`);
      }
      const key = createSecretKey(bytes);
      return { label: hkdfSha256(key, SALT, 'countersign/1/version', 1)[0]!, key };
    });
  }

  /** The MAC key of a purpose. Throws RangeError for a purpose that is not lower-case words joined by `: . _ -`. */
  mac(purpose: string): MacKey {
    return new MacKey(
      this.#versions.map((version) => ({ label: version.label, key: derive(version, 'mac', purpose) })),
    );
  }

  /** The sealer of cursors and other tokens of a purpose. Throws as `mac` does. */
  sealer(purpose: string): TokenSealer {
    return new TokenSealer(
      this.#versions.map((version) => ({
        label: version.label,
        encryption: derive(version, 'token', purpose),
        iv: derive(version, 'token-iv', purpose),
      })),
    );
  }

  /** The sealer of stored values of a purpose. Throws as `mac` does. */
  valueSealer(purpose: string): ValueSealer {
    return new ValueSealer(
      this.#versions.map((version) => {
        const id = deriveBytes(version, 'value-key-id', purpose, 16);
        return new SealingKey(id, derive(version, 'value', purpose));
      }),
    );
  }

  /** Access tokens of one issuer and audience, signed by the same key on every replica. */
  accessTokens(names: { readonly issuer: string; readonly audience: string }): AccessTokens {
    const keys = this.#versions.map((version) =>
      deriveSigningKey((attempt) => deriveBytes(version, 'es256', `access-tokens:${attempt}`, 32)),
    );
    return new AccessTokens(names, keys);
  }

  /**
   * The key that signs webhooks of a purpose, by number: a higher one is another key, and the one before signs as well.
   * Throws as `mac` does, and RangeError for a number that is not from 1 to 9999.
   */
  webhookKey(purpose: string, number: number): WebhookKey {
    if (!Number.isInteger(number) || number < 1 || number > 9_999) throw new RangeError('a key number is 1 to 9999');
    const numbers = number === 1 ? [1] : [number, number - 1];
    return new WebhookKey(
      numbers.flatMap((one) => this.#versions.map((version) => derive(version, 'webhook', `${purpose}:${one}`))),
    );
  }

  /** The signer of public statements of a purpose, the same on every replica. Throws as `mac` does. */
  statements(purpose: string): StatementSigner {
    return new StatementSigner(
      this.#versions.map((version) =>
        deriveSigningKey((attempt) => deriveBytes(version, 'es256-statement', `${purpose}:${attempt}`, 32)),
      ),
    );
  }
}

/** A root secret from bytes that were handed in: at least 32, from a cryptographic random source. */
export function rootSecretFromBytes(current: Uint8Array, older: readonly Uint8Array[] = []): RootSecret {
  return new RootSecret(current, older);
}

function derive(version: SecretVersion, kind: string, purpose: string): KeyObject {
  return createSecretKey(deriveBytes(version, kind, purpose, 32));
}

function deriveBytes(version: SecretVersion, kind: string, purpose: string, length: number): Buffer {
  // A purpose cannot hold a slash, so no two pairs of kind and purpose share an info string.
  if (!PURPOSE.test(purpose)) throw new RangeError('a purpose is 1 to 100 lower-case letters, digits and : . _ -');
  return hkdfSha256(version.key, SALT, `countersign/1/${kind}/${purpose}`, length);
}
