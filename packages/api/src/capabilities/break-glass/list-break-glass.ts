import type { Transaction } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import type { WriteMeta } from '../../records/change';
import { confirmLook } from '../../records/confirm-look';
import type { BreakGlassDeps } from './break-glass-deps';
import { eligibilitiesOf, type GrantGround, type GrantRow, grantsWhere } from './break-glass-grant';
import { reviewersOf } from './reviewers';

export type GrantBox = 'MINE' | 'TO_REVIEW';

/** How many unreviewed grants are looked through for those that wait for somebody; there is one a person at most. */
const MOST_LOOKED_AT = 500;

/** What the caller may take in an emergency. Throws HeadMoved. */
export async function listEligibilities(deps: BreakGlassDeps, under: DecidedUnder) {
  const { personId } = under.principal.values;
  if (personId === null) return [];
  return deps.dataSource.transaction('REPEATABLE READ', async (tx: Transaction) => {
    const named = await eligibilitiesOf(tx, groundOf(deps, under), personId);
    await confirmLook(tx, under);
    return named;
  });
}

/** Grants of the caller, newest first, or those that wait for their review, oldest first. Throws HeadMoved. */
export async function listGrants(
  deps: BreakGlassDeps,
  under: DecidedUnder,
  { box, first }: { readonly box: GrantBox; readonly first: number },
  meta: WriteMeta,
): Promise<GrantRow[]> {
  const { personId } = under.principal.values;
  if (personId === null) return [];
  return deps.dataSource.transaction('REPEATABLE READ', async (tx: Transaction) => {
    const ground = groundOf(deps, under);
    const found =
      box === 'MINE'
        ? await grantsWhere(tx, ground, 't.person=$1 order by t.id desc limit $2', [personId, first])
        : await waitingFor(tx, ground, under, { personId, first }, meta.now);
    await confirmLook(tx, under);
    return found;
  });
}

/** Grants of others that a person may review. */
async function waitingFor(
  tx: Transaction,
  ground: GrantGround,
  { snapshot }: DecidedUnder,
  { personId, first }: { readonly personId: string; readonly first: number },
  now: Date,
): Promise<GrantRow[]> {
  const waiting = await grantsWhere(
    tx,
    ground,
    `t.person<>$1 and t.status<>'REVIEWED' order by t.id limit ${MOST_LOOKED_AT}`,
    [personId],
  );
  const found: GrantRow[] = [];
  for (const grant of waiting) {
    if (found.length >= first) break;
    if ((await reviewersOf(tx, snapshot, ground.rowKey, grant, now)).has(personId)) found.push(grant);
  }
  return found;
}

function groundOf({ macKeys }: BreakGlassDeps, { snapshot }: DecidedUnder): GrantGround {
  return { catalogue: snapshot.catalogue, rowKey: macKeys.rows };
}
