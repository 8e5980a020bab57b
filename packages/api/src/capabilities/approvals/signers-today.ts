import { rowsOf, type Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import type { RecordWrite } from '../../records/change';
import { forbidOwnRights } from '../../records/own-rights';
import { loadUser, principalAt } from '../identity';
import type { QueueDeps } from './approvals-deps';
import { absentPeopleOf } from './approvers';
import { recordsInSight, requireClearSight } from './check-sight';
import type { DecisionRow } from './pending-change';
import type { PendingPayload } from './pending-payload';

type Under = Pick<DecidedUnder, 'snapshot' | 'head'>;

/** A signature with the rights that its signer has at this moment. */
export interface StandingSignature {
  readonly decision: DecisionRow;
  readonly signer: DecidedUnder;
}

/**
 * The signatures of those who might sign today as well, themselves or for whom they signed: whose right, sight or
 * delegation has gone meanwhile has not signed. Judged on the records as they are; see `stillInSight` for what the set
 * makes of them. Whoever counts signatures counts these and no others: two counts that differ would ask for a signature
 * in one place and refuse it in the other.
 */
export async function standingSignatures(
  tx: Transaction,
  deps: Pick<QueueDeps, 'macKeys'>,
  under: Under,
  signed: readonly DecisionRow[],
  { payload, writes, now }: { payload: PendingPayload; writes: readonly RecordWrite[]; now: Date },
): Promise<StandingSignature[]> {
  const standing: StandingSignature[] = [];
  for (const decision of signed) {
    const signer = await signerToday(tx, deps, under, decision, now);
    if (signer && (await mightSign(tx, signer, payload, writes))) standing.push({ decision, signer });
  }
  return standing;
}

/** Of these signatures, those whose signers may read the records as they are in this transaction, after the set. */
export async function stillInSight(
  tx: Transaction,
  standing: readonly StandingSignature[],
  writes: readonly RecordWrite[],
): Promise<StandingSignature[]> {
  const after = writes.filter((write) => write.after !== null);
  const seen: StandingSignature[] = [];
  for (const one of standing) if (await recordsInSight(tx, one.signer, after)) seen.push(one);
  return seen;
}

async function signerToday(
  tx: Transaction,
  { macKeys }: Pick<QueueDeps, 'macKeys'>,
  { snapshot, head }: Under,
  { userId, person, onBehalfOf }: DecisionRow,
  now: Date,
): Promise<DecidedUnder | null> {
  const loaded = await loadUser(queryOf(tx), snapshot.catalogue, macKeys.rows, userId, () => undefined);
  if (!loaded || String(loaded.user.person) !== person) return null;
  if (onBehalfOf !== null && !(await absentPeopleOf(tx, snapshot, macKeys.rows, person, now)).has(onBehalfOf)) {
    return null;
  }
  const principal = principalAt(loaded, snapshot.policyRecords, () => now, null);
  return { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
}

async function mightSign(
  tx: Transaction,
  signer: DecidedUnder,
  payload: PendingPayload,
  writes: readonly RecordWrite[],
): Promise<boolean> {
  try {
    requireClearSight(signer, payload);
    await forbidOwnRights(tx, signer, writes);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return false;
  }
  return recordsInSight(
    tx,
    signer,
    writes.filter(({ before }) => before !== null),
  );
}

function queryOf(tx: Transaction): Parameters<typeof loadUser>[0] {
  const query = async (text: string, values: unknown[]) => ({ rows: await rowsOf(tx, text, values) });
  return { query } as never;
}
