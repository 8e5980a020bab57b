import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { Head } from '../../path/rooms';
import { confirmHead } from '../../records/authority-head';
import { installationUnder } from '../../records/installation';
import { writeRecords } from '../../records/write-records';
import { announceWaiting } from './announce-change';
import { type ApplyDeps, systemTrace } from './apply-change';
import { groundOf } from './decide-change';
import { decisionsAbout, findPending, type PendingChangeRow, updated } from './pending-change';
import { openPayload } from './pending-payload';
import { pendingWrites } from './pending-writes';
import { demandsOn, reviewOf, type Standing, signaturesOn, standingOf } from './review-change';
import { standingSignatures } from './signers-today';

/**
 * Settles anew where a waiting change stands. A chain moves without a signature as well: a rule goes, a signer's role
 * comes back, one of "all" leaves. Nobody could sign a chain that is complete already, so it would wait for ever. Gives
 * the status that it has then. Throws HeadMoved.
 */
export async function lookAgain(deps: ApplyDeps, id: string): Promise<PendingChangeRow['status'] | null> {
  const under = installationUnder(await deps.snapshots.current());
  const { catalogue } = under.snapshot;
  const ground = { catalogue, rowKey: deps.macKeys.rows };
  const meta = { requestId: null, now: deps.now() };
  return deps.dataSource.transaction(async (tx: Transaction) => {
    const pending = await findPending(tx, ground, id, 'look');
    if (pending?.status !== 'PENDING') return pending?.status ?? null;
    const payload = await openPayload(tx, deps.payloadKeys, id, pending.revision);
    const writes = await pendingWrites(tx, under, payload, meta.now);
    if (!writes) return 'PENDING';
    const about = groundOf(under, pending, meta);
    const signed = signaturesOn(deps, pending, payload, await decisionsAbout(tx, ground, id));
    const counted = await standingSignatures(tx, deps, under, signed, { payload, writes, now: meta.now });
    const stand = counted.map(({ decision }) => decision);
    const demands = await demandsOn(tx, deps, about, writes, payload, stand);
    const review = reviewOf(demands, stand);
    const standing = standingOf(review, about.waiting, meta.now);
    if (saysSo(pending, standing)) return 'PENDING';
    const locked = await findPending(tx, ground, id, 'lock');
    if (locked?.image.version !== pending.image.version) return locked?.status ?? null;
    const change = updated(catalogue, 'PendingChange', pending.image, { ...standing }, { now: meta.now, userId: null });
    const { policyVersion } = under.head;
    await writeRecords(tx, [change], systemTrace(meta.now, null, policyVersion), deps.macKeys.rows);
    if (standing.status === 'PENDING' && standing.level !== pending.level) {
      const { revision } = pending;
      await announceWaiting(tx, 'level-opened', { id, revision }, standing, review, { now: meta.now });
    }
    await confirmHead(tx, under);
    return standing.status;
  });
}

function saysSo({ status, level, expiresAt, image }: PendingChangeRow, standing: Standing): boolean {
  const instant = (at: string | null) => (at === null ? null : Date.parse(at));
  return (
    status === standing.status &&
    level === standing.level &&
    instant(expiresAt) === instant(standing.expiresAt) &&
    (image.outcome ?? null) === standing.outcome
  );
}

/** However quiet it is: roles and delegations begin and end by the clock alone. */
const AGAIN_AFTER_MS = 60_000;
const MOST_AT_ONCE = 25;

/** Goes through the changes that wait, a few a round, whenever rights have changed, and now and then anyway. */
export class WaitingRound {
  private head: Head | null = null;
  private began = 0;
  private after: string | null = NOTHING;

  /** The next few to look at again. */
  async next(deps: ApplyDeps, head: Head): Promise<string[]> {
    const now = deps.now().getTime();
    const moved = this.head?.policyVersion !== head.policyVersion || this.head?.peopleEpoch !== head.peopleEpoch;
    if (moved || (this.after === null && Math.abs(now - this.began) >= AGAIN_AFTER_MS)) {
      if (moved) await deps.snapshots.refresh();
      [this.head, this.began, this.after] = [head, now, NOTHING];
    }
    if (this.after === null) return [];
    const rows = await rowsOf<{ id: string }>(
      deps.dataSource.manager,
      `select id::text as id from pending_change where status='PENDING' and id>$1 order by id limit ${MOST_AT_ONCE}`,
      [this.after],
    );
    this.after = rows.length < MOST_AT_ONCE ? null : rows.at(-1)!.id;
    return rows.map(({ id }) => id);
  }
}

const NOTHING = '00000000-0000-0000-0000-000000000000';
