import { WEBHOOK_PURPOSE } from '../../capabilities/notifications';
import { type CommandLine, EXIT, type ExitCode } from '../command-line';
import { withCore } from '../with-core';

/** Prints the secret with which the receiver of webhooks verifies their signatures. */
export function showWebhookSecret(line: CommandLine, asJson: boolean): Promise<ExitCode> {
  return withCore(line, async ({ root, settings }) => {
    const secret = root.webhookKey(WEBHOOK_PURPOSE, settings.notify.webhookKey).receiverSecret();
    line.out(asJson ? `${JSON.stringify({ secret })}\n` : `${secret}\n`);
    return EXIT.fine;
  });
}
