import { z } from 'zod';

const event = z.string().regex(/^[a-z][a-z-]{0,39}\.[a-z][a-z-]{0,39}$/);
const people = z.array(z.string().max(120)).max(100);

/**
 * What a job says of an event. INVARIANT: ids, names of kinds and numbers, and no value of any record: jobs are stored in
 * the clear, and what may be told is looked up when it is told.
 */
const announced = z.strictObject({
  /** The same in every message and on every attempt. */
  id: z.uuid(),
  event,
  subject: z.uuid(),
  author: z.uuid().nullable(),
  to: z.strictObject({ roles: people, persons: z.array(z.uuid()).max(100) }).nullable(),
  figures: z.record(z.string().regex(/^[a-z]{1,20}$/), z.number().int()),
  happenedAt: z.iso.datetime(),
});

const delivery = z.strictObject({
  channel: z.enum(['log', 'webhook', 'email']),
  /** Who is told, by a channel that reaches persons. */
  person: z.uuid().nullable(),
  announced,
});

export type Announced = Readonly<z.infer<typeof announced>>;
export type Delivery = Readonly<z.infer<typeof delivery>>;

/** Reads what a job holds; a row that somebody else wrote may hold anything. Throws for what is no announcement. */
export function readAnnounced(payload: unknown): Announced {
  return announced.parse(payload);
}

/** As `readAnnounced`, for one message to one receiver. */
export function readDelivery(payload: unknown): Delivery {
  return delivery.parse(payload);
}

/** The part of an event before the dot: what kind of thing it is about. */
export function topicOf({ event: name }: Pick<Announced, 'event'>): string {
  return name.slice(0, name.indexOf('.'));
}
