import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import { HeadMoved } from '../../path/under-head';
import { loadUser, principalAt } from '../identity';
import { type Announced, type Delivery, topicOf } from './announced';
import type { Message, Notifier } from './notifiers/notifier';
import type { OutboxDeps } from './outbox-deps';
import { audienceOf } from './spread';
import type { Facts, TopicGround } from './topic';

/** More than once only while people or policies change in a row. */
const MOST_ATTEMPTS = 4;

/**
 * Tells one receiver, if they may know at this moment; gives whether they were told. What may be said is decided by the
 * rights of now, whatever they were when it happened. Throws DeliveryFailed, and what looking things up throws.
 */
export async function deliver(
  deps: OutboxDeps,
  { channel, person, announced }: Delivery,
  signal: AbortSignal,
): Promise<boolean> {
  const notifier = deps.notifiers.find((one) => one.channel === channel);
  // Switched off since then, or a job that nobody of ours has written.
  if (!notifier || notifier.personal !== (person !== null)) return false;
  const message = await underPresentHead(deps, (ground) => messageFor(deps, ground, notifier, person, announced));
  if (message === null) return false;
  await notifier.deliver(message, signal);
  return true;
}

async function underPresentHead<T>(deps: OutboxDeps, look: (ground: TopicGround) => Promise<T>): Promise<T> {
  let world = await deps.snapshots.current();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deps.dataSource.transaction('REPEATABLE READ', (tx: Transaction) =>
        look({ ...world, tx, rowKey: deps.rowKey, now: deps.now() }),
      );
    } catch (error) {
      if (!(error instanceof HeadMoved) || attempt === MOST_ATTEMPTS) throw error;
      world = await deps.snapshots.refresh();
    }
  }
}

async function messageFor(
  deps: OutboxDeps,
  ground: TopicGround,
  { personal }: Notifier,
  person: string | null,
  announced: Announced,
): Promise<Message | null> {
  const { id, event, happenedAt, subject } = announced;
  const common = { event, happenedAt, subject };
  if (!personal) {
    const facts = await factsForSystems(deps, ground, announced);
    return facts && { id, ...common, ...facts, address: null };
  }
  if (person === null) return null;
  if (announced.to !== null && !(await audienceOf(deps, ground, announced)).has(person)) return null;
  for (const under of await usersOf(ground, person)) {
    const facts = await factsForPerson(deps, ground, under, announced);
    const address = under.principal.values.email;
    if (facts && address) return { id: `${id}.${person}`, ...common, ...facts, address };
  }
  return null;
}

/** Nothing is known of what has no topic: it is told by its id. */
const NO_FACTS: Facts = { status: null, objectName: null };

function factsForSystems(deps: OutboxDeps, ground: TopicGround, announced: Announced): Promise<Facts | null> {
  const topic = deps.topics[topicOf(announced)];
  return topic ? topic.facts(ground, announced) : Promise.resolve(announced.to === null ? null : NO_FACTS);
}

function factsForPerson(
  deps: OutboxDeps,
  ground: TopicGround,
  under: DecidedUnder,
  announced: Announced,
): Promise<Facts | null> {
  const topic = deps.topics[topicOf(announced)];
  return topic ? topic.factsFor(ground, under, announced) : Promise.resolve(announced.to === null ? null : NO_FACTS);
}

/** The active staff users of a person, with the rights that each of them holds now. Throws HeadMoved. */
async function usersOf({ tx, snapshot, head, rowKey, now }: TopicGround, person: string): Promise<DecidedUnder[]> {
  const ids = await rowsOf<{ id: string }>(
    tx,
    `select id::text as id from app_user where person_id=$1 and status='ACTIVE' and audience='STAFF'
      order by created_at, id limit 10`,
    [person],
  );
  const query = async (text: string, values: unknown[]) => ({ rows: await rowsOf(tx, text, values) });
  const found: DecidedUnder[] = [];
  for (const { id } of ids) {
    const loaded = await loadUser({ query } as never, snapshot.catalogue, rowKey, id, () => undefined);
    if (!loaded || String(loaded.user.person) !== person) continue;
    if (loaded.head.policyVersion !== head.policyVersion || loaded.head.peopleEpoch !== head.peopleEpoch) {
      throw new HeadMoved();
    }
    const principal = principalAt(loaded, snapshot.policyRecords, () => now, null);
    found.push({ snapshot, head, principal, authority: await snapshot.authorityOf(principal) });
  }
  return found;
}
