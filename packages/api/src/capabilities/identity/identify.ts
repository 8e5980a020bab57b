import { type AccessTokenClaims, type AccessTokens, type MacKey, sha256 } from '@countersign/crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { BoundedMap } from '../../path/bounded-map';
import { Fault } from '../../path/faults';
import type { Principal } from '../../path/rooms';
import type { CurrentWorld, SnapshotStore } from '../../snapshot/snapshot-store';
import { withLentRights } from './lent-rights';
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

/** How often a user is read anew before giving up; more than once only while people or policies change in a row. */
const MOST_ATTEMPTS = 4;

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
  async principalFor(authorization: string | undefined, now: () => Date): Promise<Identified> {
    const world = await this.deps.snapshots.current();
    if (authorization === undefined || authorization === '') return { ...world, principal: ANONYMOUS };
    const token = SCHEME.exec(authorization)?.[1];
    const claims = token ? await this.verified(token, now()) : null;
    if (!claims) throw new Fault('UNAUTHENTICATED', { message: 'The access token is not valid; sign in again.' });
    return this.user(claims, world, now);
  }

  private async user(claims: AccessTokenClaims, known: CurrentWorld, now: () => Date): Promise<Identified> {
    const { world, user } = await this.together(claims.subject, known);
    if (issuedAt(claims) < user.passwordChangedAt) {
      throw new Fault('UNAUTHENTICATED', { message: 'The password was changed; sign in again.' });
    }
    const { policyRecords } = world.snapshot;
    const sessionId = claims.sessionId ?? null;
    const own = principalAt(user, policyRecords, now, sessionId);
    const principal = withLentRights(own, user, policyRecords, now, { sessionId });
    return { ...world, principal };
  }

  /**
   * The user and the world as of one head. INVARIANT: a user who was read under one head is never handed on with a later
   * one; every statement would confirm that head, and with it grants that it has taken away.
   */
  private async together(userId: string, known: CurrentWorld): Promise<{ world: CurrentWorld; user: LoadedUser }> {
    let world = known;
    let user = this.users.get(userId);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      if (user?.head.peopleEpoch === world.head.peopleEpoch) return { world, user };
      user = await this.load(userId, world);
      if (!sameHead(world, user)) world = await this.deps.snapshots.refresh();
    }
    throw new Fault('POLICY_UNAVAILABLE', { inside: 'the head kept moving' });
  }

  private async load(userId: string, { snapshot }: CurrentWorld): Promise<LoadedUser> {
    const { pool, macKey, log } = this.deps;
    const forged = (object: string) => log.error({ object, user: userId }, 'a row without a valid MAC grants nothing');
    const loaded = await loadUser(pool, snapshot.catalogue, macKey, userId, forged);
    if (!loaded) throw new Fault('UNAUTHENTICATED', { message: 'The access token is not valid; sign in again.' });
    this.users.set(userId, loaded);
    return loaded;
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

function sameHead(world: CurrentWorld, user: LoadedUser): boolean {
  return world.head.policyVersion === user.head.policyVersion && world.head.peopleEpoch === user.head.peopleEpoch;
}

/**
 * When a token was made, in milliseconds since 1970. Its own clock counts whole seconds, in which a password may have
 * been changed; the time in its id is exact, but may run ahead while the machine's clock is set back.
 */
function issuedAt({ issuedAt: second, jti }: AccessTokenClaims): number {
  const exact = Number.parseInt(jti.replace('-', '').slice(0, 12), 16);
  const from = second.getTime();
  return Math.min(Math.max(Number.isNaN(exact) ? 0 : exact, from), from + 999);
}
