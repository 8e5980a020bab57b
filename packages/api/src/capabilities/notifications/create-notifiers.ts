import type { RootSecret } from '@countersign/crypto';
import type { Logger } from 'pino';
import { LogNotifier } from './notifiers/log-notifier';
import type { Notifier } from './notifiers/notifier';
import { SmtpNotifier } from './notifiers/smtp-notifier';
import { WebhookNotifier } from './notifiers/webhook-notifier';
import type { NotifySettings } from './notify-settings';

/** The purpose of the key that signs webhooks. */
export const WEBHOOK_PURPOSE = 'notifications';

export interface NotifierParts {
  readonly root: RootSecret;
  readonly log: Logger;
  readonly now: () => Date;
  readonly publicUrl: string | null;
}

/** The ways that the operator has set up. */
export function createNotifiers(settings: NotifySettings, { root, log, now, publicUrl }: NotifierParts): Notifier[] {
  const { smtp, webhook, webhookKey } = settings;
  return [
    ...(settings.log ? [new LogNotifier(log)] : []),
    ...(smtp ? [new SmtpNotifier({ ...smtp, publicUrl })] : []),
    ...(webhook
      ? [new WebhookNotifier({ url: webhook.url, key: root.webhookKey(WEBHOOK_PURPOSE, webhookKey), now })]
      : []),
  ];
}
