import type { Logger } from 'pino';
import type { Message, Notifier } from './notifier';

/** Writes a line into the gateway's own log, for whatever collects it. */
export class LogNotifier implements Notifier {
  readonly channel = 'log';
  readonly personal = false;

  constructor(private readonly log: Logger) {}

  async deliver({ id, event, happenedAt, subject, status, objectName }: Message): Promise<void> {
    this.log.info({ notification: { id, event, happenedAt, subject, status, objectName } }, 'notification');
  }
}
