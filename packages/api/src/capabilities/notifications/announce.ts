import { randomId } from '@countersign/crypto';
import type { Transaction } from '../../database/sql-runner';
import { addJob } from './add-job';
import type { Announced, Delivery } from './announced';

/** Something that happened, for those who should know. Ids and numbers only. */
export interface Announcement {
  /** What it is about, a dot, what happened: `change.submitted`. */
  readonly event: string;
  /** The id of the record that it is about. */
  readonly subject: string;
  /** The person who did it: nobody is told of what they did themselves. */
  readonly author?: string | null;
  /** Who should know: holders of roles at the moment of the telling, and persons. Without it the topic says. */
  readonly to?: { readonly roles?: readonly string[]; readonly persons?: readonly string[] };
  /** Numbers that tell apart what happens to one subject: its revision, its level. */
  readonly figures?: Readonly<Record<string, number>>;
  /** Not to be told before so many seconds have passed. */
  readonly inSeconds?: number;
  /** Takes the place of what was announced under the same key and is not told yet. */
  readonly instead?: string;
}

/**
 * Puts an announcement into the outbox, by the transaction of what it announces: it is told once that has committed, and
 * never when it does not.
 */
export async function announce(tx: Transaction, given: Announcement, now: Date): Promise<void> {
  const { event, subject, author = null, to, figures = {}, inSeconds, instead } = given;
  const announced: Announced = {
    id: randomId(now.getTime()),
    event,
    subject,
    author,
    to: to ? { roles: [...(to.roles ?? [])], persons: [...(to.persons ?? [])] } : null,
    figures: { ...figures },
    happenedAt: now.toISOString(),
  };
  await addJob(tx, { task: 'announcement', payload: announced, key: instead ?? null, inSeconds: inSeconds ?? 0 });
}

/** Puts one message to one receiver into the outbox. */
export async function addDelivery(tx: Transaction, delivery: Delivery): Promise<void> {
  const { channel, person, announced } = delivery;
  // One at a time for each channel: a receiver that is slow must not hold up the others.
  const key = `${announced.id}:${channel}:${person ?? ''}`;
  await addJob(tx, { task: 'delivery', payload: delivery, key, queue: `notify-${channel}` });
}
