import { createHmac } from 'node:crypto';
import { rootSecretFromBytes } from '@countersign/crypto';
import { CallReceiver, MailReceiver } from '../../../../test/harness/receivers';
import { createLog } from '../../../log';
import { LogNotifier } from './log-notifier';
import type { Message, Notifier } from './notifier';
import { connectionTo, SmtpNotifier } from './smtp-notifier';
import { WebhookNotifier } from './webhook-notifier';

const NOW = new Date('2026-05-04T09:00:00.000Z');
const key = rootSecretFromBytes(Buffer.alloc(32, 9)).webhookKey('notifications', 1);
const mail = new MailReceiver();
const hook = new CallReceiver();
const lines: string[] = [];
let notifiers: Record<Notifier['channel'], Notifier>;

beforeAll(async () => {
  const [smtpUrl, hookUrl] = [await mail.open(), await hook.open()];
  notifiers = {
    log: new LogNotifier(createLog('info', { write: (line: string) => void lines.push(line) })),
    email: new SmtpNotifier({ url: smtpUrl, from: 'gateway@example.com', publicUrl: 'https://billing.example.com' }),
    webhook: new WebhookNotifier({ url: hookUrl, key, now: () => NOW }),
  };
});
afterAll(async () => {
  await Promise.all([mail.close(), hook.close()]);
});

const message = (over: Partial<Message> = {}): Message => ({
  id: '019c0000-0000-7000-8000-000000000001.p',
  event: 'change.submitted',
  happenedAt: NOW.toISOString(),
  subject: '019c0000-0000-7000-8000-00000000000a',
  status: 'PENDING',
  objectName: 'Price',
  address: 'cheng@example.com',
  ...over,
});
const calm = new AbortController().signal;

/** What has come by a channel, as it came. */
const received: Record<Notifier['channel'], () => string[]> = {
  log: () => lines,
  email: () => mail.mails.map(({ source }) => source),
  webhook: () => hook.calls.map(({ headers, body }) => `${JSON.stringify(headers)} ${body}`),
};

describe.each(['log', 'email', 'webhook'] as const)('a message by %s', (channel) => {
  test('says which thing it is about, and carries the same id on every attempt', async () => {
    const before = received[channel]().length;
    await notifiers[channel].deliver(message(), calm);
    await notifiers[channel].deliver(message(), calm);
    const [first, second] = received[channel]().slice(before);
    for (const one of [first, second]) {
      expect(one).toContain('019c0000-0000-7000-8000-00000000000a');
      expect(one).toContain('019c0000-0000-7000-8000-000000000001.p');
      expect(one).toContain('PENDING');
    }
  });

  test('stays one message whatever stands in its names', async () => {
    const before = received[channel]().length;
    const odd = 'Price\r\nBcc: evil@example.com\r\n\r\nhidden';
    await notifiers[channel].deliver(message({ objectName: odd, status: odd, event: `drill.${odd}` }), calm);
    expect(received[channel]()).toHaveLength(before + 1);
    expect(received[channel]().at(-1)).not.toMatch(/^Bcc:/m);
  });
});

describe('mails', () => {
  test('go to one address and nowhere else', async () => {
    await notifiers.email.deliver(message(), calm);
    expect(mail.mails.at(-1)!.to).toEqual(['cheng@example.com']);
    for (const address of [
      'a@example.com, b@example.com',
      'a@example.com\r\nBcc: b@example.com',
      '"x" <a@b.c>',
      null,
    ]) {
      await expect(notifiers.email.deliver(message({ address }), calm)).rejects.toThrow('email: no address');
    }
  });

  test('that the server refuses count as not delivered, and the failure does not repeat what it said', async () => {
    mail.answers.push(451);
    await expect(notifiers.email.deliver(message(), calm)).rejects.toMatchObject({ message: 'email: SMTP 451' });
  });

  test('never cross a network in the clear', () => {
    expect(connectionTo('smtp://u%40x:p@mail.example.com')).toMatchObject({
      ...{ host: 'mail.example.com', port: 587, requireTLS: true, ignoreTLS: false },
      auth: { user: 'u@x', pass: 'p' },
    });
    expect(connectionTo('smtps://mail.example.com')).toMatchObject({ secure: true, port: 465 });
    expect(connectionTo('smtp://127.0.0.1:2525')).toMatchObject({ secure: false, requireTLS: false });
  });
});

describe('webhooks', () => {
  test('are signed so that the receiver’s secret verifies them', async () => {
    await notifiers.webhook.deliver(message({ address: null }), calm);
    const { headers, body } = hook.calls.at(-1)!;
    const secret = Buffer.from(key.receiverSecret().replace('whsec_', ''), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
    expect(headers['webhook-timestamp']).toBe(String(NOW.getTime() / 1000));
    expect(JSON.parse(body)).toEqual({
      type: 'change.submitted',
      timestamp: NOW.toISOString(),
      data: { id: message().subject, status: 'PENDING', objectName: 'Price' },
    });
  });

  test.each([500, 302, 404])(
    'that are answered %i count as not delivered, and are sent nowhere else',
    async (status) => {
      const before = hook.calls.length;
      hook.answers.push(status);
      await expect(notifiers.webhook.deliver(message(), calm)).rejects.toThrow(`webhook: HTTP ${status}`);
      expect(hook.calls).toHaveLength(before + 1);
    },
  );

  test('end when the gateway stops', async () => {
    hook.answers.push(0);
    const stopping = AbortSignal.timeout(200);
    await expect(notifiers.webhook.deliver(message(), stopping)).rejects.toThrow('webhook: timeout');
  });
});
