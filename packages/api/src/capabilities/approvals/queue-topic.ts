import type { DecidedUnder } from '../../path/rooms';
import { installationUnder } from '../../records/installation';
import type { Announced, Facts, Topic, TopicGround } from '../notifications';
import { announceEscalation } from './announce-change';
import type { QueueDeps } from './approvals-deps';
import { hasBusinessWith } from './has-business-with';
import { findPending } from './pending-change';
import { type StandingReview, standingReview, standsFor, waitsFor } from './standing-review';

/** Events that ask for a signature: whom they reach has to be able to give it at that moment. */
const ASKING: ReadonlySet<string> = new Set(['change.submitted', 'change.level-opened', 'change.escalated']);
/** Events that are the maker's. */
const ABOUT_ONES_OWN: ReadonlySet<string> = new Set([
  'change.signed',
  'change.rejected',
  'change.expired',
  'change.conflicted',
  'change.applied',
]);

/** Who is told of pending changes, and what. The rights are those that decide inboxes and reviews. */
export function queueTopic(deps: QueueDeps): Topic {
  return {
    async audience(ground, announced) {
      const standing = await standingNow(deps, ground, announced);
      if (standing === null) return [];
      const { pending } = standing;
      if (ABOUT_ONES_OWN.has(announced.event)) return pending.maker === null ? [] : [pending.maker];
      if (announced.event === 'change.escalated' && !(await isOverdue(ground, standing, announced))) return [];
      return concerned(ground, standing, announced);
    },

    async factsFor(ground, under, announced) {
      const standing = await standingNow(deps, ground, announced);
      if (standing === null) return null;
      if (!(await mayBeTold(deps, ground, under, standing, announced))) return null;
      const facts = factsOf(standing);
      return under.authority.table.readable(facts.objectName ?? '') ? facts : { ...facts, objectName: null };
    },

    async facts(ground, announced) {
      const standing = await standingNow(deps, ground, announced);
      return standing && factsOf(standing);
    },
  };
}

async function mayBeTold(
  deps: QueueDeps,
  { tx, now }: TopicGround,
  under: DecidedUnder,
  standing: StandingReview,
  { event }: Announced,
): Promise<boolean> {
  if (ASKING.has(event)) {
    return waitsFor(standing, under.principal.values.personId, await standsFor(tx, deps, under, now));
  }
  return hasBusinessWith(tx, deps, under, standing, now);
}

/** The change as it stands now; null when it is gone. Throws INTEGRITY. */
async function standingNow(
  deps: QueueDeps,
  { tx, snapshot, head, now }: TopicGround,
  { subject }: Announced,
): Promise<StandingReview | null> {
  const ground = { catalogue: snapshot.catalogue, rowKey: deps.macKeys.rows };
  const pending = await findPending(tx, ground, subject, 'look');
  return pending && standingReview(tx, deps, installationUnder({ snapshot, head }), pending, now);
}

function factsOf({ pending }: StandingReview): Facts {
  return { status: pending.status, objectName: String(pending.image.objectName) };
}

/** Who may sign now, for themselves or somebody absent; for what asks for no signature, who has had a part in it too. */
async function concerned(
  ground: TopicGround,
  { pending, review, decisions }: StandingReview,
  { event, figures }: Announced,
): Promise<Iterable<string>> {
  const level = figures.level ?? pending.level;
  const asked = review.requirements.filter((one) => one.level === level);
  const people = new Set(asked.flatMap(({ eligible }) => [...eligible]));
  for (const delegate of await delegatesOf(ground, people)) people.add(delegate);
  if (ASKING.has(event)) {
    if (pending.maker !== null) people.delete(pending.maker);
    return people;
  }
  for (const { person } of decisions) people.add(person);
  if (event === 'change.commented' && pending.maker !== null) people.add(pending.maker);
  if (event === 'change.withdrawn' && pending.maker !== null) people.delete(pending.maker);
  return people;
}

/** Who might sign for absent people; whether a delegation counts is decided when they are told. */
async function delegatesOf({ tx, now }: TopicGround, people: ReadonlySet<string>): Promise<string[]> {
  const rows = (await tx.query(
    `select distinct delegate_id::text as id from approval_delegation
      where absent_person_id=any($1::uuid[]) and valid_from<=$2 and $2<valid_until`,
    [[...people], now.toISOString()],
  )) as { id: string }[];
  return rows.map(({ id }) => id);
}

/**
 * Whether the level that was announced still waits and its time is out by the rules of now. Rules that give more time
 * meanwhile are announced anew.
 */
async function isOverdue(
  { tx, now }: TopicGround,
  { pending, review }: StandingReview,
  { figures }: Announced,
): Promise<boolean> {
  const { id, status, revision, level, levelSince } = pending;
  if (status !== 'PENDING' || levelSince === null) return false;
  if (revision !== figures.revision || level !== figures.level) return false;
  const overdue = review.requirements.some(
    (one) =>
      one.level === level &&
      one.escalates &&
      one.timeoutHours !== null &&
      Date.parse(levelSince) + one.timeoutHours * 3_600_000 <= now.getTime(),
  );
  if (!overdue) await announceEscalation(tx, { id, revision }, { level, levelSince }, review, now);
  return overdue;
}
