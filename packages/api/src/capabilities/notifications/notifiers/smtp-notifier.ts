import { createTransport, type Transporter } from 'nodemailer';
import { mailText } from './mail-text';
import { codeOf, DeliveryFailed, type Message, type Notifier } from './notifier';

export interface SmtpOptions {
  /** smtp://user:password@host:port, or smtps:// for a connection that begins with TLS. */
  readonly url: string;
  /** The address that mails come from. */
  readonly from: string;
  /** Where the gateway is reached; mails name it. */
  readonly publicUrl: string | null;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** Shorter than the time that a delivery has in all. */
const PATIENCE_MS = 10_000;
/** One address and nothing else: no list, no name, no line break. */
const ADDRESS = /^[^\s,;:<>()[\]"\\@]+@[^\s,;:<>()[\]"\\@]+$/;

/** Sends mails through the operator's mail server. A connection that leaves the machine is encrypted, or not made. */
export class SmtpNotifier implements Notifier {
  readonly channel = 'email';
  readonly personal = true;
  private readonly transport: Transporter;

  constructor(private readonly options: SmtpOptions) {
    this.transport = createTransport(connectionTo(options.url));
  }

  async deliver(message: Message, signal: AbortSignal): Promise<void> {
    const { from, publicUrl } = this.options;
    if (message.address === null || !ADDRESS.test(message.address)) throw new DeliveryFailed('email', 'no address');
    const { subject, text } = mailText(message, publicUrl);
    const sent = this.transport.sendMail({
      from,
      to: { name: '', address: message.address },
      subject,
      text,
      messageId: `<${message.id}@${from.slice(from.lastIndexOf('@') + 1).replace(/[^A-Za-z0-9.-]/g, '')}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    const stopped = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    await Promise.race([sent, stopped]).catch((error: unknown) => {
      // What the server answers may repeat the address.
      const { responseCode } = error as { responseCode?: unknown };
      throw new DeliveryFailed('email', typeof responseCode === 'number' ? `SMTP ${responseCode}` : codeOf(error));
    });
  }
}

/** How a mail server is reached. Throws TypeError for what is no URL. */
export function connectionTo(address: string) {
  const url = new URL(address);
  const secure = url.protocol === 'smtps:';
  const local = LOOPBACK.test(url.hostname);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !local,
    ignoreTLS: !secure && local,
    ...(url.username
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
