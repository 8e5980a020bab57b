import type { Transaction } from '../../database/sql-runner';
import { rowsOf } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import type { WriteMeta } from '../../records/change';
import { confirmLook } from '../../records/confirm-look';
import { ScopeStatement } from '../../records/scope-statement';
import type { QueueDeps } from './approvals-deps';
import { readsAllPending } from './has-business-with';
import { findPending, type PendingChangeRow } from './pending-change';
import { waitingFor } from './review-change';
import { standingReview, standsFor, waitsFor } from './standing-review';

export type PendingBox = 'MINE_TO_DECIDE' | 'MINE_WAITING' | 'ALL';

export interface ListedChange {
  readonly pending: PendingChangeRow;
  readonly waitingFor: readonly string[];
}

/** How far back one page may look for changes that wait for the caller. */
const MOST_LOOKED_AT = 200;

export interface PendingPage {
  readonly box: PendingBox;
  readonly first: number;
  readonly after: string | null;
  /** Of these only. */
  readonly only?: readonly string[];
}

/**
 * Pending changes of one kind, oldest first: those that the caller could sign now, their own, or all of them for those
 * who may look at the whole queue. `after` is the id of the last one seen.
 */
export async function listPending(
  deps: QueueDeps,
  under: DecidedUnder,
  { box, first, after, only }: PendingPage,
  meta: WriteMeta,
): Promise<ListedChange[]> {
  return deps.dataSource.transaction('REPEATABLE READ', async (tx: Transaction) => {
    const ids = await candidates(tx, under, {
      box,
      after,
      only,
      first: box === 'MINE_TO_DECIDE' ? MOST_LOOKED_AT : first,
    });
    const found: ListedChange[] = [];
    const ground = { catalogue: under.snapshot.catalogue, rowKey: deps.macKeys.rows };
    const { personId } = under.principal.values;
    const people = await standsFor(tx, deps, under, meta.now);
    for (const id of ids) {
      if (found.length >= first) break;
      const pending = await findPending(tx, ground, id, 'look');
      if (!pending) continue;
      const standing = await standingReview(tx, deps, under, pending, meta.now);
      if (box === 'MINE_TO_DECIDE' && !waitsFor(standing, personId, people)) continue;
      found.push({ pending, waitingFor: pending.status === 'PENDING' ? waitingFor(standing.review) : [] });
    }
    await confirmLook(tx, under);
    return found;
  });
}

async function candidates(
  tx: Transaction,
  { snapshot, principal, authority, ...under }: DecidedUnder,
  { box, first, after, only }: PendingPage,
): Promise<string[]> {
  const statement = new ScopeStatement(snapshot.catalogue, principal.values);
  const { personId, clientId } = principal.values;
  const conditions = ['true'];
  if (box === 'MINE_TO_DECIDE') conditions.push(`t.status='PENDING'`);
  if (box === 'MINE_WAITING') {
    conditions.push(
      personId === null
        ? `t.maker_client=any(${statement.ids([clientId ?? NOBODY])})`
        : `t.maker=any(${statement.ids([personId])})`,
    );
    conditions.push(`t.status in ('PENDING','APPROVED','CONFLICTED','REJECTED','EXPIRED')`);
  }
  if (box === 'ALL') {
    if (!readsAllPending({ ...under, authority } as DecidedUnder)) return [];
    conditions.push(statement.scope('PendingChange', 't', authority.readScope('PendingChange')));
  }
  if (only) conditions.push(`t.id=any(${statement.ids(only)})`);
  // Ids are UUIDv7: their order is that of submission.
  if (after !== null) conditions.push(`t.id>(select a from unnest(${statement.ids([after])}) a limit 1)`);
  const sql = `select t.id::text as id from pending_change t where ${conditions.join(' and ')} order by t.id limit ${first}`;
  return (await rowsOf<{ id: string }>(tx, sql, statement.values)).map(({ id }) => id);
}

const NOBODY = '00000000-0000-0000-0000-000000000000';
