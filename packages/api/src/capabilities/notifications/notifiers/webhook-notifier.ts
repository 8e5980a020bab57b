import type { WebhookKey } from '@countersign/crypto';
import { codeOf, DeliveryFailed, type Message, type Notifier } from './notifier';

export interface WebhookOptions {
  readonly url: string;
  readonly key: WebhookKey;
  readonly now: () => Date;
}

/**
 * Posts to the address that the operator has set, signed by the symmetric scheme of Standard Webhooks: the id, the time of
 * this attempt and the body. Redirects are not followed, and what is answered is not read.
 */
export class WebhookNotifier implements Notifier {
  readonly channel = 'webhook';
  readonly personal = false;

  constructor(private readonly options: WebhookOptions) {}

  async deliver({ id, event, happenedAt, subject, status, objectName }: Message, signal: AbortSignal): Promise<void> {
    const { url, key, now } = this.options;
    const body = JSON.stringify({ type: event, timestamp: happenedAt, data: { id: subject, status, objectName } });
    const timestamp = Math.floor(now().getTime() / 1000);
    const response = await fetch(url, {
      method: 'POST',
      signal,
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': key.sign({ id, timestamp }, body),
      },
      body,
    }).catch((error: unknown) => {
      throw new DeliveryFailed('webhook', codeOf(error));
    });
    await response.body?.cancel().catch(() => undefined);
    if (!response.ok) throw new DeliveryFailed('webhook', `HTTP ${response.status}`);
  }
}
