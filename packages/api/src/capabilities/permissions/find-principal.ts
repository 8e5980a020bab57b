import type { MacKey } from '@countersign/crypto';
import { isUuid } from '@countersign/schema';
import type { Pool } from 'pg';
import type { DecidedUnder, Principal } from '../../path/rooms';
import { HeadMoved } from '../../path/under-head';
import { liesIn, loadUser, principalAt, withLentRights } from '../identity';

/**
 * Another user as they would be identified now, with what is lent to them in any session; null when there is no such active user within the scope of who asks.
 * Throws HeadMoved when people or policy have changed since the request was decided under them.
 */
export async function findPrincipal(
  { pool, macKey }: { readonly pool: Pool; readonly macKey: MacKey },
  under: DecidedUnder,
  userId: string,
  now: () => Date,
): Promise<Principal | null> {
  const { snapshot, head, authority, principal } = under;
  if (!isUuid(userId) || !authority.table.readable('User')) return null;
  const scope = authority.readScope('User');
  if (!(await liesIn(pool, under, { object: 'User', id: userId, scope, values: principal.values }))) return null;
  const loaded = await loadUser(pool, snapshot.catalogue, macKey, userId, () => undefined);
  if (!loaded) return null;
  if (loaded.head.policyVersion !== head.policyVersion || loaded.head.peopleEpoch !== head.peopleEpoch) {
    throw new HeadMoved();
  }
  const own = principalAt(loaded, snapshot.policyRecords, now, null);
  return withLentRights(own, loaded, snapshot.policyRecords, now, { sessionId: null });
}
