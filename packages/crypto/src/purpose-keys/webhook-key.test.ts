import { createHmac } from 'node:crypto';
import { rootSecretFromBytes } from './root-secret';

const root = rootSecretFromBytes(Buffer.alloc(32, 7));
const SIGNED = { id: 'msg_1', timestamp: 1_674_087_231 };

/** Verifies as Standard Webhooks says, with the secret that the receiver was told. */
function verifies(secret: string, { id, timestamp }: typeof SIGNED, body: string, header: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return header.split(' ').some((one) => one === `v1,${wanted}`);
}

describe('keys of webhooks', () => {
  test('sign so that the receiver’s secret verifies id, time and body, and nothing else', () => {
    const key = root.webhookKey('notify', 1);
    const header = key.sign(SIGNED, '{"a":1}');
    const secret = key.receiverSecret();
    expect(verifies(secret, SIGNED, '{"a":1}', header)).toBe(true);
    expect(verifies(secret, SIGNED, '{"a":2}', header)).toBe(false);
    expect(verifies(secret, { ...SIGNED, id: 'msg_2' }, '{"a":1}', header)).toBe(false);
    expect(verifies(secret, { ...SIGNED, timestamp: 0 }, '{"a":1}', header)).toBe(false);
  });

  test('sign with the key before as well, so that a receiver can change over, and with none older', () => {
    const secrets = [1, 2, 3].map((version) => root.webhookKey('notify', version).receiverSecret());
    expect(new Set(secrets).size).toBe(3);
    const header = root.webhookKey('notify', 3).sign(SIGNED, '{}');
    expect(secrets.map((secret) => verifies(secret, SIGNED, '{}', header))).toEqual([false, true, true]);
  });

  test('tell nothing of the root secret or of keys for another purpose', () => {
    const told = Buffer.from(root.webhookKey('notify', 1).receiverSecret().slice(6), 'base64');
    expect(told).toHaveLength(32);
    expect(told.equals(Buffer.alloc(32, 7))).toBe(false);
    expect(root.webhookKey('other', 1).receiverSecret()).not.toBe(root.webhookKey('notify', 1).receiverSecret());
    expect(() => root.webhookKey('notify', 0)).toThrow(RangeError);
  });
});
