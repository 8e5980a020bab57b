import { verifyConsistency } from '@countersign/crypto';
import type { SignedHead } from '../log/tree-head';

/**
 * A place outside the database that remembers heads of one log: what makes it impossible to put back an older database,
 * or another one, without anybody noticing.
 */
export interface AuditAnchor {
  /** Where it is, for people. */
  readonly name: string;
  /** The newest head that it holds, or null for none. Throws AnchorAway. */
  latest(): Promise<SignedHead | null>;
  /**
   * Keeps the head. `proof` says that it continues the newest one held (empty when there is none, or for the same size).
   * The same head a second time changes nothing. Throws AnchorRefused and AnchorAway.
   */
  add(head: SignedHead, proof: readonly Buffer[]): Promise<void>;
}

/** The anchor could not be asked. Nothing is known; try again later. */
export class AnchorAway extends Error {
  override readonly name = 'AnchorAway';
}

/** The anchor holds a head that the given one does not continue: another log, a fork, or an older state. */
export class AnchorRefused extends Error {
  override readonly name = 'AnchorRefused';
}

/** Throws AnchorRefused unless the head is the newest one held, or continues it. */
export function requireContinuation(held: SignedHead | null, head: SignedHead, proof: readonly Buffer[]): void {
  if (held === null) return;
  if (head.log !== held.log) throw new AnchorRefused(`it keeps the log ${held.log}, and this is the log ${head.log}`);
  if (head.size < held.size)
    throw new AnchorRefused(`it holds a head over ${held.size} entries; this has ${head.size}`);
  if (head.size === held.size) {
    if (head.root.equals(held.root)) return;
    throw new AnchorRefused(`it holds another head over ${held.size} entries`);
  }
  const claim = { oldSize: held.size, newSize: head.size, oldRoot: held.root, newRoot: head.root, proof };
  if (!verifyConsistency(claim)) {
    throw new AnchorRefused(`the head over ${head.size} entries is not shown to continue the one over ${held.size}`);
  }
}
