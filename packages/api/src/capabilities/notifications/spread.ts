import type { Transaction } from '../../database/sql-runner';
import { addDelivery } from './announce';
import { type Announced, topicOf } from './announced';
import type { OutboxDeps } from './outbox-deps';
import type { TopicGround } from './topic';

/** More than this many people are not told of one event. */
const MOST_RECEIVERS = 500;

/** Makes the messages of an announcement: one for each system, and one for each person who should know. */
export async function spread(deps: OutboxDeps, announced: Announced): Promise<void> {
  const world = await deps.snapshots.current();
  await deps.dataSource.transaction(async (tx: Transaction) => {
    const ground: TopicGround = { ...world, tx, rowKey: deps.rowKey, now: deps.now() };
    for (const { channel, personal } of deps.notifiers) {
      if (!personal) await addDelivery(tx, { channel, person: null, announced });
    }
    // Asked even when nobody gets mails: a topic may announce what comes later.
    const people = await audienceOf(deps, ground, announced);
    const told = [...people].filter((person) => person !== announced.author);
    if (told.length > MOST_RECEIVERS) {
      deps.log.warn({ event: announced.event, receivers: told.length }, 'too many to be told; the rest is left out');
    }
    for (const { channel, personal } of deps.notifiers) {
      if (!personal) continue;
      for (const person of told.slice(0, MOST_RECEIVERS)) await addDelivery(tx, { channel, person, announced });
    }
  });
}

/** The persons who should know of an event, at this moment. */
export async function audienceOf(deps: OutboxDeps, ground: TopicGround, announced: Announced): Promise<Set<string>> {
  const { to } = announced;
  if (to === null) return new Set(await deps.topics[topicOf(announced)]?.audience(ground, announced));
  const people = new Set(to.persons);
  for (const role of to.roles) {
    const { tx, snapshot, rowKey, now } = ground;
    for (const person of await deps.holdersOf(tx, snapshot, rowKey, role, now)) people.add(person);
  }
  return people;
}
