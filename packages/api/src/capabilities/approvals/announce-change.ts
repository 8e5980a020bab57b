import type { Transaction } from '../../database/sql-runner';
import { announce } from '../notifications';
import type { Review, Standing } from './review-change';

/** What may happen to a pending change that others should know of. */
export type ChangeEvent =
  | 'submitted'
  | 'level-opened'
  | 'signed'
  | 'rejected'
  | 'withdrawn'
  | 'expired'
  | 'escalated'
  | 'conflicted'
  | 'applied'
  | 'commented';

/** Whoever shows boxes of pending changes listens here. */
export const PENDING_CHANNEL = 'countersign_pending';

interface About {
  readonly id: string;
  readonly revision: number;
  /** The level that waited for signatures, when that is no longer to be seen. */
  readonly level?: number | null;
}

/** Several comments within so many seconds are told of once. */
const COMMENTS_GATHERED = 30;
/** So that the time is out by every gateway's clock when it is looked at. */
const AFTER_TIME_IS_OUT = 2;

/** Announces what happened to a pending change, in the transaction in which it happens. */
export async function announceChange(
  tx: Transaction,
  event: ChangeEvent,
  { id, revision, level = null }: About,
  { now, author = null }: { readonly now: Date; readonly author?: string | null },
): Promise<void> {
  const gathered = event === 'commented' ? { inSeconds: COMMENTS_GATHERED, instead: `change.commented:${id}` } : {};
  const figures: Record<string, number> = level === null ? { revision } : { revision, level };
  await announce(tx, { event: `change.${event}`, subject: id, author, figures, ...gathered }, now);
  // Whoever looks at a box looks again. It says which change and no more; PostgreSQL tells nobody before the commit.
  await tx.query('select pg_notify($1,$2)', [PENDING_CHANNEL, id]);
}

/**
 * Announces that a level waits for signatures, and beforehand that it will have waited too long by the time at which the
 * people of its escalation may sign as well.
 */
export async function announceWaiting(
  tx: Transaction,
  event: 'submitted' | 'level-opened',
  about: About,
  standing: Standing,
  review: Pick<Review, 'requirements'>,
  by: { readonly now: Date; readonly author?: string | null },
): Promise<void> {
  await announceChange(tx, event, about, by);
  await announceEscalation(tx, about, standing, review, by.now);
}

/** Announces for later that the level that waits has waited too long, for each time limit that lets others sign then. */
export async function announceEscalation(
  tx: Transaction,
  { id, revision }: About,
  { level, levelSince }: Pick<Standing, 'level' | 'levelSince'>,
  { requirements }: Pick<Review, 'requirements'>,
  now: Date,
): Promise<void> {
  if (level === null || levelSince === null) return;
  const escalating = requirements.filter((one) => one.level === level && one.escalates && one.timeoutHours !== null);
  for (const hours of new Set(escalating.map(({ timeoutHours }) => timeoutHours!))) {
    const out = Date.parse(levelSince) + hours * 3_600_000;
    if (out <= now.getTime()) continue;
    const announcement = {
      event: 'change.escalated',
      subject: id,
      figures: { revision, level, hours },
      inSeconds: Math.ceil((out - now.getTime()) / 1000) + AFTER_TIME_IS_OUT,
      instead: `change.escalated:${id}:${revision}:${level}:${hours}`,
    };
    await announce(tx, announcement, now);
  }
}
