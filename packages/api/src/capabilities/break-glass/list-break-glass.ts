import type { Transaction } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import type { WriteMeta } from '../../records/change';
import type { BreakGlassDeps } from './break-glass-deps';
import { eligibilitiesOf, type GrantGround, type GrantRow, grantsWhere } from './break-glass-grant';
import { reviewersOf } from './reviewers';

export type GrantBox = 'MINE' | 'TO_REVIEW';

/** How many unreviewed grants are looked through for those that wait for somebody; there is one a person at most. */
const MOST_LOOKED_AT = 500;

/** What the caller may take in an emergency. */
export async function listEligibilities(deps: BreakGlassDeps, under: DecidedUnder) {
  const { personId } = under.principal.values;
  if (personId === null) return [];
  return eligibilitiesOf(deps.dataSource.manager, groundOf(deps, under), personId);
}

/** Grants of the caller, newest first, or those that wait for their review, oldest first. */
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
    if (box === 'MINE') return grantsWhere(tx, ground, 't.person=$1 order by t.id desc limit $2', [personId, first]);
    const waiting = await grantsWhere(
      tx,
      ground,
      `t.person<>$1 and t.status<>'REVIEWED' order by t.id limit ${MOST_LOOKED_AT}`,
      [personId],
    );
    const found: GrantRow[] = [];
    for (const grant of waiting) {
      if (found.length >= first) break;
      const reviewers = await reviewersOf(tx, under.snapshot, deps.macKeys.rows, grant, meta.now);
      if (reviewers.has(personId)) found.push(grant);
    }
    return found;
  });
}

function groundOf({ macKeys }: BreakGlassDeps, { snapshot }: DecidedUnder): GrantGround {
  return { catalogue: snapshot.catalogue, rowKey: macKeys.rows };
}
