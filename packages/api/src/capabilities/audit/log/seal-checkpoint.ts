import type { StatementSigner } from '@countersign/crypto';
import type { Pool, PoolClient } from 'pg';
import { withinTransaction } from '../../../database/within-transaction';
import { type SignedHead, signHead } from './tree-head';

/** Entries that one transaction seals: few enough to stay well within a statement's time. */
export const MOST_IN_A_CHECKPOINT = 20_000;

export interface Checkpoint {
  /** Entries that it put into the log. */
  readonly added: number;
  /** The head that it signed; null when there was nothing to sign. */
  readonly head: SignedHead | null;
  /** A moment of the database's clock: what was committed by then, it has seen. */
  readonly seenAt: number;
}

export interface SealDeps {
  readonly pool: Pool;
  readonly signer: StatementSigner;
  readonly now: () => Date;
}

interface Sealed {
  readonly log_id: string;
  readonly added: string;
  readonly size: string;
  readonly root: Buffer | null;
  readonly head_size: string;
  readonly seen_at: number;
}

/**
 * Puts what it sees in the queue into the log, at most so many entries, and signs the new head in the same transaction:
 * after a crash there is both or neither. An entry that is committed later is in the next checkpoint. Null when another
 * process is at it.
 */
export function sealCheckpoint(deps: SealDeps, most: number = MOST_IN_A_CHECKPOINT): Promise<Checkpoint | null> {
  return withinTransaction(deps.pool, (client) => sealIn(client, deps, most));
}

async function sealIn(client: PoolClient, { signer, now }: SealDeps, most: number): Promise<Checkpoint | null> {
  const { rows } = await client.query<Sealed>('select * from seal_audit_queue($1)', [most]);
  const [sealed] = rows;
  if (!sealed) return null;
  const [size, added] = [Number(sealed.size), Number(sealed.added)];
  const seenAt = Number(sealed.seen_at);
  if (size === Number(sealed.head_size)) return { added, head: null, seenAt };
  if (sealed.root === null) throw new Error('hashes of the audit log are missing: nothing can be signed over it');
  const head = signHead(signer, { log: sealed.log_id, size, root: sealed.root, at: now() });
  await client.query('select add_audit_head($1, $2, $3, $4, $5)', [
    size,
    head.root,
    head.at.toISOString(),
    head.keyId,
    head.signature,
  ]);
  return { added, head, seenAt };
}
