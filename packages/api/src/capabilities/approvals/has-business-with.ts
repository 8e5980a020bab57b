import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import { ScopeStatement } from '../../records/scope-statement';
import type { QueueDeps } from './approvals-deps';
import { holdersOf } from './approvers';
import type { Review } from './review-change';
import { type StandingReview, standsFor } from './standing-review';

/**
 * Who made it, who may sign it or has, for themselves or somebody absent, its reviewers, and who may read such records
 * anyway. Everybody else learns no more than that there is nothing under this id.
 */
export async function hasBusinessWith(
  tx: Transaction,
  deps: Pick<QueueDeps, 'macKeys'>,
  under: DecidedUnder,
  standing: StandingReview,
  now: Date,
): Promise<boolean> {
  const { pending, review } = standing;
  const { personId, clientId } = under.principal.values;
  if (personId === null) return clientId !== null && pending.makerClient === clientId;
  if (pending.maker === personId || (await mayHaveAHand(tx, deps, under, standing, now))) return true;
  if (await reviews(tx, deps, under, review, personId, now)) return true;
  return readsQueue(tx, under, pending.id);
}

/** Whether the caller is among those who are asked, for themselves or somebody absent, or has signed already. */
export async function mayHaveAHand(
  tx: Transaction,
  deps: Pick<QueueDeps, 'macKeys'>,
  under: DecidedUnder,
  { review: { requirements }, signed }: StandingReview,
  now: Date,
): Promise<boolean> {
  const { personId } = under.principal.values;
  if (signed.some(({ person }) => person === personId)) return true;
  const people = await standsFor(tx, deps, under, now);
  return requirements.some(({ eligible }) => people.some((person) => eligible.has(person)));
}

/** Whether a rule that has a say in the change names a role of the person's for those who only read and comment. */
async function reviews(
  tx: Transaction,
  { macKeys }: Pick<QueueDeps, 'macKeys'>,
  { snapshot }: DecidedUnder,
  { rules }: Review,
  personId: string,
  now: Date,
): Promise<boolean> {
  for (const role of new Set(rules.flatMap(({ reviewers }) => reviewers ?? []))) {
    if ((await holdersOf(tx, snapshot, macKeys.rows, role, now)).has(personId)) return true;
  }
  return false;
}

/** The right to look at changes that one has no part in: seeing what is pending, and whose it is. */
async function readsQueue(tx: Transaction, under: DecidedUnder, id: string): Promise<boolean> {
  const { authority, snapshot, principal } = under;
  if (!readsAllPending(under)) return false;
  const statement = new ScopeStatement(snapshot.catalogue, principal.values);
  const ids = statement.ids([id]);
  const scope = statement.scope('PendingChange', 't', authority.readScope('PendingChange'));
  const sql = `select 1 from pending_change t where t.id=any(${ids}) and ${scope}`;
  return (await rowsOf(tx, sql, statement.values)).length > 0;
}

/** Whoever sees why a change was asked for may look at those of others; staff only see that something waits. */
export function readsAllPending({ authority: { table } }: Pick<DecidedUnder, 'authority'>): boolean {
  return ['status', 'objectName', 'reason', 'maker'].every((field) => table.see('PendingChange', field) === 'clear');
}
