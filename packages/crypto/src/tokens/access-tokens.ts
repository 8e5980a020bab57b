import { strictBase64url } from '../primitives/base64url';
import { randomId } from '../random-ids/random-id';
import type { PublicJwk, SigningKey } from './signing-key';

export interface NewAccessToken {
  readonly subject: string;
  /** RFC 9068 asks for a client; a person signed in at the gateway's own door has none, and the claim is left out. */
  readonly clientId?: string;
  readonly sessionId?: string;
  readonly expiresInSeconds: number;
  /** Further claims. A name that the token itself uses is refused. */
  readonly extra?: Readonly<Record<string, string | number | null>>;
}

export interface IssuedAccessToken {
  readonly token: string;
  readonly expiresAt: Date;
  readonly jti: string;
}

/** What a verified token says. That it still holds (session, revocation by `jti`) is for the caller to ask. */
export interface AccessTokenClaims {
  readonly subject: string;
  readonly clientId?: string;
  readonly sessionId?: string;
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly extra: Readonly<Record<string, string | number | null>>;
}

const TYPE = 'at+jwt';
/** Replicas' clocks may differ by this much. */
const TOLERANCE_SECONDS = 5;
const OWN_CLAIMS = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'client_id', 'sid']);

// jose ships as an ES module only. A dynamic import stays a real import in the CommonJS output, so no Node version in
// our range prints a warning about require() of an ES module, and a program that signs nothing does not load it.
type Jose = typeof import('jose');
let joseModule: Promise<Jose> | undefined;
function jose(): Promise<Jose> {
  joseModule ??= import('jose');
  return joseModule;
}

/** ES256 access tokens (RFC 9068, RFC 7519) of one issuer for one audience. A handle: it never shows its key. */
export class AccessTokens {
  readonly #issuer: string;
  readonly #audience: string;
  readonly #keys: readonly SigningKey[];

  /** The first key signs, all of them verify. */
  constructor(names: { readonly issuer: string; readonly audience: string }, keys: readonly SigningKey[]) {
    this.#issuer = names.issuer;
    this.#audience = names.audience;
    this.#keys = keys;
  }

  /** Signs a token that is valid from `now` on. Throws for a lifetime that is not whole seconds above 0. */
  async issue(claims: NewAccessToken, now: Date): Promise<IssuedAccessToken> {
    if (!Number.isSafeInteger(claims.expiresInSeconds) || claims.expiresInSeconds <= 0) {
      throw new RangeError('expiresInSeconds must be a whole number above 0');
    }
    if (claims.subject === '') throw new RangeError('a token needs a subject');
    for (const name of Object.keys(claims.extra ?? {})) {
      if (OWN_CLAIMS.has(name)) throw new RangeError(`the claim ${name} cannot be set as an extra claim`);
    }
    const issuedAt = Math.floor(now.getTime() / 1000);
    const expiresAt = issuedAt + claims.expiresInSeconds;
    const jti = randomId(now.getTime());
    const key = this.#keys[0]!;
    const payload = {
      ...claims.extra,
      ...(claims.clientId === undefined ? {} : { client_id: claims.clientId }),
      ...(claims.sessionId === undefined ? {} : { sid: claims.sessionId }),
      ...{ iss: this.#issuer, aud: this.#audience, sub: claims.subject, jti },
      ...{ iat: issuedAt, nbf: issuedAt, exp: expiresAt },
    };
    const { SignJWT } = await jose();
    const header = { alg: 'ES256', typ: TYPE, kid: key.jwk.kid };
    const token = await new SignJWT(payload).setProtectedHeader(header).sign(key.privateKey);
    return { token, expiresAt: new Date(expiresAt * 1000), jti };
  }

  /**
   * The claims of a token that one of our keys signed for this issuer and audience and that is valid at `now`, give or
   * take 5 seconds; else null. Never throws. One token has several spellings that verify (an ECDSA signature can be
   * negated), so replay and revocation must go by `jti`, never by the text.
   */
  async verify(token: string, now: Date): Promise<AccessTokenClaims | null> {
    if (typeof token !== 'string' || !token.split('.').every((part) => strictBase64url(part) !== null)) return null;
    const { jwtVerify } = await jose();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, (header) => this.#publicKey(header.kid), {
        algorithms: ['ES256'],
        typ: TYPE,
        issuer: this.#issuer,
        audience: this.#audience,
        requiredClaims: ['exp', 'nbf', 'iat', 'jti', 'sub'],
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: now,
      });
      // jose also takes `application/at+jwt` and a list of audiences; we never issue those.
      if (protectedHeader.typ !== TYPE || payload.aud !== this.#audience) return null;
      return claimsOf(payload);
    } catch {
      return null;
    }
  }

  /** The public keys as a JWK set (RFC 7517), current first. */
  jwks(): { keys: PublicJwk[] } {
    return { keys: this.#keys.map((key) => ({ ...key.jwk })) };
  }

  #publicKey(kid: string | undefined) {
    const key = this.#keys.find((candidate) => candidate.jwk.kid === kid);
    if (key === undefined) throw new Error('unknown key');
    return key.publicKey;
  }
}

function claimsOf(payload: Readonly<Record<string, unknown>>): AccessTokenClaims | null {
  const { sub, jti, iat, exp, client_id: clientId, sid: sessionId } = payload;
  if (typeof sub !== 'string' || sub === '' || typeof jti !== 'string') return null;
  if (typeof iat !== 'number' || typeof exp !== 'number') return null;
  if (!isTextOrAbsent(clientId) || !isTextOrAbsent(sessionId)) return null;
  const extra: Record<string, string | number | null> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (OWN_CLAIMS.has(name)) continue;
    if (value !== null && typeof value !== 'string' && typeof value !== 'number') return null;
    extra[name] = value;
  }
  return {
    subject: sub,
    ...(clientId === undefined ? {} : { clientId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    jti,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    extra,
  };
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
