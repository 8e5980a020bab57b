import { type MacKey, sha256 } from '@countersign/crypto';
import { type CompiledPolicy, compilePolicy, ConditionInvalid, parseCondition } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import type { Pool } from 'pg';
import { Fault } from '../../path/faults';
import { noPolicyRecords, type PolicyRecords, policyBodyOf } from './policy-records';

export interface LoadedPolicy {
  readonly version: number;
  readonly records: PolicyRecords;
  readonly compiled: CompiledPolicy;
}

/**
 * Loads a published policy version. It is used only if its digest and MAC are right and it still fits the catalogue;
 * otherwise POLICY_UNAVAILABLE, never an older version: that would keep somebody in who was just shut out.
 */
export async function loadPolicy(
  pool: Pick<Pool, 'query'>,
  version: number,
  ground: { readonly catalogue: Catalogue; readonly catalogueRevision: string; readonly macKey: MacKey },
): Promise<LoadedPolicy> {
  const records = version === 0 ? noPolicyRecords(ground.catalogueRevision) : await readRecords(pool, version, ground.macKey);
  try {
    return { version, records, compiled: await compileRecords(records, ground.catalogue, ground.catalogueRevision) };
  } catch (error) {
    throw new Fault('POLICY_UNAVAILABLE', { inside: error });
  }
}

async function readRecords(pool: Pick<Pool, 'query'>, version: number, macKey: MacKey): Promise<PolicyRecords> {
  const { rows } = await pool.query<{ body: string; sha256: Buffer; mac: Buffer }>(
    `select body, sha256, mac from policy_version where n = $1 and status = 'published'`,
    [version],
  );
  const row = rows[0];
  if (!row) throw new Fault('POLICY_UNAVAILABLE', { inside: `policy version ${version} is missing` });
  if (!sha256(row.body).equals(row.sha256) || !macKey.verify(versionMacText(version, row.body), row.mac)) {
    throw new Fault('POLICY_UNAVAILABLE', { inside: `policy version ${version} is not what was published` });
  }
  return JSON.parse(row.body) as PolicyRecords;
}

/** What the MAC of a version covers: its number too, so that a body cannot pose as another version. */
export function versionMacText(version: number, body: string): string {
  return `policy-version:${version}:${body}`;
}

/** Compiles the records of a version, on save and on load alike. Throws PolicyInvalid. */
export function compileRecords(records: PolicyRecords, catalogue: Catalogue, revision: string): Promise<CompiledPolicy> {
  return compilePolicy(catalogue, revision, policyBodyOf(records), (object, condition) => {
    try {
      parseCondition(catalogue, object, condition, { allowPrincipal: true });
      return [];
    } catch (error) {
      if (error instanceof ConditionInvalid) return [...error.problems];
      throw error;
    }
  });
}
