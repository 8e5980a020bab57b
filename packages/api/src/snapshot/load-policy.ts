import { type MacKey, sha256 } from '@countersign/crypto';
import { type CompiledPolicy, ConditionInvalid, compilePolicy, parseCondition } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import { Fault } from '../path/faults';
import { noPolicyRecords, type PolicyRecords, policyBodyOf, storedPolicyRecords } from './policy-records';

/** Anything that runs a statement and gives its rows. */
export interface Answering {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

export interface LoadedPolicy<Ground> {
  readonly version: number;
  readonly ground: Ground;
  readonly records: PolicyRecords;
  readonly compiled: CompiledPolicy;
}

/** A catalogue that a gateway serves from, or is about to. */
export interface CatalogueGround {
  readonly value: Catalogue;
  readonly revision: string;
}

/**
 * Loads a published policy version, with the one of the given catalogues that it was made for. It is used only if its
 * digest and MAC are right and it fits that catalogue; otherwise POLICY_UNAVAILABLE, never an older version: that would
 * keep somebody in who was just shut out.
 */
export async function loadPolicy<Ground extends CatalogueGround>(
  pool: Answering,
  version: number,
  macKey: MacKey,
  grounds: readonly Ground[],
): Promise<LoadedPolicy<Ground>> {
  const records =
    version === 0 ? noPolicyRecords(grounds[0]!.revision) : await readPolicyRecords(pool, version, macKey);
  const ground = grounds.find(({ revision }) => revision === records.catalogueRevision);
  if (!ground) throw new Fault('POLICY_UNAVAILABLE', { inside: `policy version ${version} is for another catalogue` });
  try {
    return { version, records, ground, compiled: await compileRecords(records, ground.value, ground.revision) };
  } catch (error) {
    throw new Fault('POLICY_UNAVAILABLE', { inside: error });
  }
}

/** More would only be read to say the same. */
const MOST_LATER = 20;

/**
 * A publication stores its version and moves the head in one transaction, so a genuine version beyond the head means that
 * somebody has set the head back, and with it rights that were taken away. A gateway remembers where the head was; one
 * that starts, or that never saw the later version, has only this. Throws POLICY_UNAVAILABLE.
 */
export async function forbidOlderHead(pool: Answering, macKey: MacKey): Promise<void> {
  const { rows } = await pool.query(
    `select n, body, mac from policy_version where n > (select policy_version from authority_head) order by n limit $1`,
    [MOST_LATER],
  );
  const later = rows as { n: string; body: string; mac: Buffer }[];
  if (later.some(({ n, body, mac }) => macKey.verify(versionMacText(Number(n), body), mac))) {
    throw new Fault('POLICY_UNAVAILABLE', { inside: 'the head went back: later policy versions were published' });
  }
}

/** The records of a published version, if they are what was published. Throws POLICY_UNAVAILABLE. */
export async function readPolicyRecords(pool: Answering, version: number, macKey: MacKey): Promise<PolicyRecords> {
  return storedPolicyRecords(await readPolicyText(pool, version, macKey));
}

/** The stored text of a published version, if it is what was published. Throws POLICY_UNAVAILABLE. */
export async function readPolicyText(pool: Answering, version: number, macKey: MacKey): Promise<string> {
  const { rows } = await pool.query(
    `select body, sha256, mac from policy_version where n = $1 and status = 'published'`,
    [version],
  );
  const row = rows[0] as { body: string; sha256: Buffer; mac: Buffer } | undefined;
  if (!row) throw new Fault('POLICY_UNAVAILABLE', { inside: `policy version ${version} is missing` });
  if (!sha256(row.body).equals(row.sha256) || !macKey.verify(versionMacText(version, row.body), row.mac)) {
    throw new Fault('POLICY_UNAVAILABLE', { inside: `policy version ${version} is not what was published` });
  }
  return row.body;
}

/**
 * What the MAC of a version covers: its number too, so that a body cannot pose as another version. Of published versions
 * only: the column `status` is not covered, and a draft must never become law by a change of that column.
 */
export function versionMacText(version: number, body: string): string {
  return `policy-version:${version}:${body}`;
}

/** Compiles the records of a version, on save and on load alike. Throws PolicyInvalid. */
export function compileRecords(
  records: PolicyRecords,
  catalogue: Catalogue,
  revision: string,
): Promise<CompiledPolicy> {
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
