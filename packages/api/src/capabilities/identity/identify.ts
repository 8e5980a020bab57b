import { type AccessTokenClaims, type AccessTokens, type MacKey, sha256 } from '@countersign/crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { BoundedMap } from '../../path/bounded-map';
import { Fault } from '../../path/faults';
import type { Principal } from '../../path/rooms';
import type { CurrentWorld, SnapshotStore } from '../../snapshot/snapshot-store';
import { ANONYMOUS, type LoadedUser, loadUser, principalAt } from './load-principal';

export interface IdentifyDeps {
  readonly pool: Pool;
  readonly macKey: MacKey;
  readonly tokens: AccessTokens;
  readonly snapshots: SnapshotStore;
  readonly log: Logger;
}

export interface Identified extends CurrentWorld {
  readonly principal: Principal;
}

const SCHEME = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * Settles who asks and which rights they hold at this moment. Verified tokens are remembered by digest until they
 * expire, users until the people epoch moves; neither memory decides anything that the head does not confirm.
 */
export class Identify {
  private readonly claims = new BoundedMap<AccessTokenClaims>(10_000);
  private readonly users = new BoundedMap<LoadedUser>(10_000);

  constructor(private readonly deps: IdentifyDeps) {}

  /** Throws UNAUTHENTICATED for a token that does not hold, POLICY_UNAVAILABLE when no decision can be made. */
  async principalFor(authorization: string | undefined, now: Date): Promise<Identified> {
    const world = await this.deps.snapshots.current();
    if (authorization === undefined || authorization === '') return { ...world, principal: ANONYMOUS };
    const token = SCHEME.exec(authorization)?.[1];
    const claims = token ? await this.verified(token, now) : null;
    if (!claims) throw new Fault('UNAUTHENTICATED', { message: 'The access token is not valid; sign in again.' });
    return this.user(claims, world, now);
  }

  private async user(claims: AccessTokenClaims, known: CurrentWorld, now: Date): Promise<Identified> {
    let world = known;
    let user = this.users.get(claims.subject);
    if (!user || user.head.peopleEpoch !== world.head.peopleEpoch) {
      const forged = (object: string) =>
        this.deps.log.error({ object, user: claims.subject }, 'a row without a valid MAC grants nothing');
      const loaded = await loadUser(this.deps.pool, world.snapshot.catalogue, this.deps.macKey, claims.subject, forged);
      if (!loaded) throw new Fault('UNAUTHENTICATED', { message: 'The access token is not valid; sign in again.' });
      user = loaded;
      if (moved(world, user)) world = await this.deps.snapshots.refresh();
      this.users.set(claims.subject, user);
    }
    // The clock of a token counts whole seconds.
    if (claims.issuedAt.getTime() + 999 < user.passwordChangedAt) {
      throw new Fault('UNAUTHENTICATED', { message: 'The password was changed; sign in again.' });
    }
    const principal = principalAt(user, roleNames(world), now, claims.sessionId ?? null);
    return { ...world, principal };
  }

  private async verified(token: string, now: Date): Promise<AccessTokenClaims | null> {
    const key = sha256(token).toString('base64');
    const known = this.claims.get(key);
    if (known) return known.expiresAt > now ? known : null;
    const claims = await this.deps.tokens.verify(token, now);
    if (claims) this.claims.set(key, claims);
    return claims;
  }
}

function moved(world: CurrentWorld, user: LoadedUser): boolean {
  return world.head.policyVersion !== user.head.policyVersion || world.head.peopleEpoch !== user.head.peopleEpoch;
}

const namesByWorld = new WeakMap<object, ReadonlyMap<string, string>>();

/** Role ids to names, as the published version says. */
function roleNames({ snapshot }: CurrentWorld): ReadonlyMap<string, string> {
  const known = namesByWorld.get(snapshot);
  if (known) return known;
  const made = new Map(
    Object.entries(snapshot.policyRecords.records.Role).map(([id, image]) => [id, String(image.name)]),
  );
  namesByWorld.set(snapshot, made);
  return made;
}
