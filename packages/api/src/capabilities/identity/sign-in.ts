import {
  type AccessTokens,
  dummyVerify,
  type IssuedAccessToken,
  type MacKey,
  type Slot,
  verifyPassword,
} from '@countersign/crypto';
import type { Pool } from 'pg';
import { Fault } from '../../path/faults';
import type { FoldKey } from '../audit';
import { credentialMacText } from './store-password';

export interface SignInDeps {
  readonly pool: Pool;
  readonly macKey: MacKey;
  readonly tokens: AccessTokens;
  /** Leaves the trace of a sign-in; one that cannot be traced does not happen. */
  readonly trace: (event: SignInEvent) => Promise<void>;
  /** Leaves the trace of one that failed; repeated ones are folded. */
  readonly traceFailure: (event: SignInEvent, key: FoldKey) => Promise<void>;
}

export interface SignInEvent {
  readonly action: 'SIGN_IN' | 'SIGN_IN_FAILED';
  readonly userId: string | null;
  readonly personId: string | null;
  readonly requestId: string;
  readonly reason: string | null;
  readonly at: Date;
  /** Facts about it: where it came from. */
  readonly slots: Readonly<Record<string, Slot>>;
}

export interface SignInAttempt {
  readonly email: string;
  readonly password: string;
  /** Network address of the caller. */
  readonly source: string;
  readonly requestId: string;
  readonly now: Date;
}

/** Access tokens live for ten minutes. */
const TOKEN_SECONDS = 600;
const WINDOW_MINUTES = 15;
/** Tries in the window for one e-mail address, and from one network address (NIST SP 800-63B, 5.2.2: at most 100). */
const MOST_TRIES = { email: 10, source: 100 } as const;

/**
 * Signs a user in. The answer for an unknown user and for a wrong password is the same, in its text and in the work done
 * for it. Throws UNAUTHENTICATED and RATE_LIMITED.
 */
export async function signIn(deps: SignInDeps, attempt: SignInAttempt): Promise<IssuedAccessToken> {
  const email = attempt.email.trim().toLowerCase();
  const digest = await countTry(deps, email, attempt);
  const { rows } = await deps.pool.query<{
    id: string;
    person_id: string;
    status: string;
    password_hash: string;
    mac: Buffer;
  }>(
    `select u.id, u.person_id, u.status, c.password_hash, c.mac
     from app_user u join user_credential c on c.user_id = u.id where u.email = $1`,
    [storable(email)],
  );
  const user = rows[0];
  const genuine = user !== undefined && deps.macKey.verify(credentialMacText(user.id, user.password_hash), user.mac);
  const right = await (genuine ? verifyPassword(user.password_hash, attempt.password) : dummyVerify(attempt.password));
  const slots: SignInEvent['slots'] = { source: [null, attempt.source] };
  const trace = { requestId: attempt.requestId, at: attempt.now, slots };
  if (!user || !right || user.status !== 'ACTIVE') {
    const event: SignInEvent = {
      ...trace,
      action: 'SIGN_IN_FAILED',
      userId: user?.id ?? null,
      personId: user?.person_id ?? null,
      reason: 'wrong name or password',
    };
    // By the address that was tried: folding by user would make unknown addresses quicker to answer than known ones.
    await deps.traceFailure(event, { source: attempt.source, about: ['sign-in', digest.toString('base64')] });
    throw new Fault('UNAUTHENTICATED', { message: 'The e-mail address or the password is wrong.', traced: true });
  }
  await deps.trace({ ...trace, action: 'SIGN_IN', userId: user.id, personId: user.person_id, reason: null });
  await deps.pool.query('delete from sign_in_attempt where email_digest = $1', [digest]);
  return deps.tokens.issue({ subject: user.id, expiresInSeconds: TOKEN_SECONDS }, attempt.now);
}

const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** What no column can hold is nobody's address; the statement runs all the same, so that it takes as long. */
function storable(email: string): string | null {
  return UNSTORABLE.test(email) ? null : email;
}

/**
 * Counts a look at a password before it is taken, so that many at once cannot slip under the limit together. Gives the
 * digest under which tries for this e-mail address are counted. Throws RATE_LIMITED.
 */
export async function countTry(
  { pool, macKey }: Pick<SignInDeps, 'pool' | 'macKey'>,
  email: string,
  { source, now }: Pick<SignInAttempt, 'source' | 'now'>,
): Promise<Buffer> {
  const digest = macKey.mac(`sign-in:${email}`);
  const since = new Date(now.getTime() - WINDOW_MINUTES * 60_000).toISOString();
  // Whoever tries also clears away what nobody counts any more, a few rows at a time.
  await pool.query(
    'delete from sign_in_attempt where ctid = any(array(select ctid from sign_in_attempt where at <= $1 order by at limit 20))',
    [since],
  );
  await pool.query('insert into sign_in_attempt (email_digest, source, at, outcome) values ($1, $2, $3, $4)', [
    digest,
    source,
    now.toISOString(),
    'tried',
  ]);
  const { rows } = await pool.query<{ by_email: number; by_source: number }>(
    `select (select count(*) from sign_in_attempt where email_digest = $1 and at > $3)::int as by_email,
       (select count(*) from sign_in_attempt where source = $2 and at > $3)::int as by_source`,
    [digest, source, since],
  );
  const counts = rows[0]!;
  if (counts.by_email > MOST_TRIES.email || counts.by_source > MOST_TRIES.source) throw new Fault('RATE_LIMITED');
  return digest;
}
