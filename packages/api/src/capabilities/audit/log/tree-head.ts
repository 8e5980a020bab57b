import { canonicalJson, type StatementSigner, type StatementVerifier } from '@countersign/crypto';

/** The state of the log at one moment: so many entries, and one hash over all of them. */
export interface TreeHead {
  /** Which log: every database has its own id. */
  readonly log: string;
  readonly size: number;
  readonly root: Buffer;
  readonly at: Date;
}

export interface SignedHead extends TreeHead {
  readonly keyId: string;
  readonly signature: Buffer;
}

/** What is signed: the head in RFC 8785 form. `type` keeps it from passing for any other statement. */
export function headText({ log, size, root, at }: TreeHead): string {
  const type = 'countersign-audit-head';
  return canonicalJson({ at: at.toISOString(), log, root: root.toString('hex'), size, type, v: 1 });
}

export function signHead(signer: StatementSigner, head: TreeHead): SignedHead {
  return { ...head, ...signer.sign(headText(head)) };
}

/** True when one of the keys signed exactly this head. */
export function headIsGenuine(keys: StatementVerifier, head: SignedHead): boolean {
  return keys.verify(headText(head), head);
}

/** A signed head as exports, anchors and witnesses write it, one a line. */
export interface HeadLine {
  readonly type: 'head';
  readonly log: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly root: string;
  readonly at: string;
  readonly keyId: string;
  /** Base64url. */
  readonly signature: string;
}

export function headLine({ log, size, root, at, keyId, signature }: SignedHead): HeadLine {
  return {
    type: 'head',
    log,
    size,
    root: root.toString('hex'),
    at: at.toISOString(),
    keyId,
    signature: signature.toString('base64url'),
  };
}

const HASH = /^[0-9a-f]{64}$/;

/** The head behind a line, or null for anything else. Says nothing about who signed it. */
export function parseHeadLine(given: unknown): SignedHead | null {
  const { type, log, size, root, at, keyId, signature } = (given ?? {}) as Partial<Record<keyof HeadLine, unknown>>;
  if (type !== 'head' || typeof log !== 'string' || typeof keyId !== 'string') return null;
  if (!Number.isSafeInteger(size) || (size as number) < 1) return null;
  if (typeof root !== 'string' || !HASH.test(root) || typeof at !== 'string' || typeof signature !== 'string')
    return null;
  const instant = new Date(at);
  if (Number.isNaN(instant.getTime()) || instant.toISOString() !== at) return null;
  const bytes = Buffer.from(signature, 'base64url');
  return { log, size: size as number, root: Buffer.from(root, 'hex'), at: instant, keyId, signature: bytes };
}
