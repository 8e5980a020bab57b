import type { KeyObject } from 'node:crypto';
import { hmacSha256 } from '../primitives/hmac-sha256';

/** What a signature covers besides the body. */
export interface SignedDelivery {
  /** The same on every attempt. */
  readonly id: string;
  /** Seconds since 1970 at this attempt. */
  readonly timestamp: number;
}

/**
 * Signs webhooks by the symmetric scheme of Standard Webhooks (HMAC-SHA-256, `v1`). A handle, with one exception that the
 * scheme asks for: the receiver verifies with the same secret, so it can be told, for whoever sets the receiver up.
 */
export class WebhookKey {
  readonly #keys: readonly KeyObject[];

  /** All keys sign, the newest first: a receiver may hold any of them while the key is changed. */
  constructor(keys: readonly KeyObject[]) {
    this.#keys = keys;
  }

  /** The value of the header `webhook-signature`. */
  sign({ id, timestamp }: SignedDelivery, body: string): string {
    return this.#keys.map((key) => `v1,${hmacSha256(key, `${id}.${timestamp}.${body}`).toString('base64')}`).join(' ');
  }

  /** The secret as a receiver takes it, of the newest key. */
  receiverSecret(): string {
    return `whsec_${this.#keys[0]!.export().toString('base64')}`;
  }
}
