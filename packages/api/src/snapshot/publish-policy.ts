import { canonicalJson, type MacKey, sha256 } from '@countersign/crypto';
import type { Catalogue } from '@countersign/schema';
import type { Transaction } from '../database/sql-runner';
import { compileRecords, versionMacText } from './load-policy';
import { type Gates, type PolicyRecordChange, type PolicyRecords, withChanges } from './policy-records';

export interface PublishGround {
  readonly catalogue: Catalogue;
  readonly catalogueRevision: string;
  readonly policyVersion: number;
  readonly policyRecords: PolicyRecords;
}

export interface PublishedPolicy {
  readonly version: number;
  /** Hex, over the stored body. */
  readonly sha256: string;
}

/**
 * Stores the next policy version: the published one with the changed records laid over it, never a fresh read of the
 * tables. It counts once the head names it. The transaction has to hold the head.
 *
 * Throws PolicyInvalid when the records would not make a sound policy, and then nothing may be committed.
 */
export async function publishPolicy(
  tx: Transaction,
  ground: PublishGround,
  changes: readonly PolicyRecordChange[],
  macKey: MacKey,
  by: { readonly now: Date; readonly userId: string | null },
  gates?: Gates,
): Promise<PublishedPolicy> {
  const records = withChanges(ground.policyRecords, ground.catalogueRevision, changes, gates);
  await compileRecords(records, ground.catalogue, ground.catalogueRevision);
  const version = ground.policyVersion + 1;
  const body = canonicalJson(records);
  const digest = sha256(body);
  await tx.query(
    `insert into policy_version (n, body, sha256, mac, status, created_at, created_by)
      values ($1, $2, $3, $4, 'published', $5, $6)`,
    [version, body, digest, macKey.mac(versionMacText(version, body)), by.now.toISOString(), by.userId],
  );
  return { version, sha256: digest.toString('hex') };
}
