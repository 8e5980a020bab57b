import { rowsOf, type Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { lockHead } from '../../records/authority-head';
import type { WriteMeta } from '../../records/change';
import { endWithRights } from '../../records/rights-end';
import { created } from '../approvals';
import { traceContext } from '../audit';
import type { BreakGlassDeps } from './break-glass-deps';
import { ELIGIBILITY, eligibilitiesOf, GRANT, type GrantGround, type GrantRow } from './break-glass-grant';
import { reviewersOf } from './reviewers';
import { writeGrant } from './write-grant';

export interface OpenAsk {
  readonly eligibility: string;
  readonly minutes: number;
  readonly reason: string;
}

/**
 * Lends a person what was named for them beforehand, from now on and for so many minutes. It counts for the user, and
 * the session, that asks. Gives the grant.
 *
 * Throws NOT_FOUND for an eligibility that is not theirs, FORBIDDEN for who is not a person of the staff with an
 * unnarrowed token, BAD_USER_INPUT for more minutes than may be, CONFLICT while the last grant of the person has not been
 * reviewed, or nobody could review this one; HeadMoved asks to decide anew.
 */
export async function openBreakGlass(
  deps: BreakGlassDeps,
  under: DecidedUnder,
  ask: OpenAsk,
  meta: WriteMeta,
): Promise<GrantRow> {
  const { principal, head, snapshot } = under;
  const { personId, userId } = principal.values;
  if (principal.kind !== 'user' || principal.audience !== 'staff' || principal.scopes !== null) throw notForYou();
  if (personId === null || userId === null) throw notForYou();
  const ground: GrantGround = { catalogue: snapshot.catalogue, rowKey: deps.macKeys.rows };
  return deps.dataSource.transaction(async (tx: Transaction) => {
    // Before anything is looked at: of two who ask at once, the second finds the grant of the first.
    await lockHead(tx, head);
    const named = (await eligibilitiesOf(tx, ground, personId)).find(({ id }) => id === ask.eligibility);
    if (!named) throw new Fault('NOT_FOUND', { record: { object: ELIGIBILITY, id: ask.eligibility } });
    const longest = Number(named.longestMinutes);
    if (ask.minutes < 1 || ask.minutes > longest) {
      throw new Fault('BAD_USER_INPUT', { message: `This is lent for 1 to ${longest} minutes at a time.` });
    }
    await requireReviewed(tx, personId);
    const reviewerRole = String(named.reviewerRole);
    const reviewers = await reviewersOf(tx, snapshot, ground.rowKey, { reviewerRole, person: personId }, meta.now);
    if (reviewers.size === 0) throw new Fault('CONFLICT', { message: 'There is nobody else who could review it.' });
    const image = {
      eligibility: ask.eligibility,
      person: personId,
      userId,
      sessionId: principal.sessionId,
      role: String(named.role),
      sharingGroup: named.group === null ? null : String(named.group),
      reviewerRole,
      status: 'OPEN',
      reason: ask.reason,
      opensAt: meta.now.toISOString(),
      endsAt: new Date(meta.now.getTime() + ask.minutes * 60_000).toISOString(),
      endedAt: null,
      endedBy: null,
      reviewedBy: null,
      reviewedAt: null,
      justified: null,
      finding: null,
    };
    const write = created(snapshot.catalogue, GRANT, image, { now: meta.now, userId });
    const trace = traceContext(under, { ...meta, at: meta.now, reason: ask.reason });
    await writeGrant(tx, deps, head, write, trace, 'opened');
    await endWithRights(tx, under);
    return { ...image, id: write.change.id, image: write.after! } as GrantRow;
  });
}

function notForYou(): Fault {
  return new Fault('FORBIDDEN', { message: 'Rights are lent to people of the staff, who sign in themselves.' });
}

/** Whatever stands in the way counts, also rows that the gateway did not write: those name nothing, and free nobody. */
async function requireReviewed(tx: Transaction, person: string): Promise<void> {
  const [open] = await rowsOf<{ status: string }>(
    tx,
    `select status from break_glass_grant where person=$1 and status<>'REVIEWED' limit 1`,
    [person],
  );
  if (!open) return;
  const message =
    open.status === 'OPEN'
      ? 'What was lent to you has not ended yet.'
      : 'What was lent to you last has to be reviewed by somebody else first.';
  throw new Fault('CONFLICT', { message });
}
