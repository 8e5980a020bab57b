import { type Catalogue, objectOf, storedMembers } from '@countersign/schema';
import { imageText, type RecordImage } from '../../database/record-image';
import { sameValue } from '../../records/record-changes';
import { POLICY_OBJECTS, type PolicyObject, type PolicyRecords } from '../../snapshot/policy-records';

/** A configuration record that is not what was published. It has no effect as long as it is not. */
export interface Drift {
  readonly object: PolicyObject;
  readonly id: string;
  /** `added`: only the table has it; `removed`: only the published version has it. */
  readonly kind: 'added' | 'changed' | 'removed';
  /** Members that differ; empty unless `changed`. */
  readonly members: readonly string[];
}

export interface DriftGround {
  readonly catalogue: Catalogue;
  readonly policyVersion: number;
  readonly policyRecords: PolicyRecords;
}

interface Queryable {
  query(sql: string): Promise<{ rows: { object: PolicyObject | null; image: string | null; version: string }[] }>;
}

/**
 * Compares the configuration tables with the published policy version: what somebody changed behind the gateway's back.
 * One statement, so one view of the database. Null when the head names another version than the given one: then nothing
 * can be said, and the caller asks again under the new one.
 */
export async function findDrift(pool: Queryable, ground: DriftGround): Promise<Drift[] | null> {
  const { catalogue, policyRecords } = ground;
  const selects = POLICY_OBJECTS.map((name) => {
    const object = objectOf(catalogue, name);
    return `select '${name}' as object, ${imageText(object, 't')} as image from ${object.table} t`;
  });
  const { rows } = await pool.query(
    `select h.policy_version as version, r.object, r.image from authority_head h
      left join (${selects.join(' union all ')}) r on true`,
  );
  if (rows.some(({ version }) => Number(version) !== ground.policyVersion)) return null;
  const drift: Drift[] = [];
  const seen = new Set<string>();
  for (const { object: name, image: text } of rows) {
    if (name === null || text === null) continue;
    const image = JSON.parse(text) as RecordImage;
    const id = String(image.id);
    seen.add(`${name} ${id}`);
    const published = policyRecords.records[name][id];
    if (!published) {
      drift.push({ object: name, id, kind: 'added', members: [] });
      continue;
    }
    const members = storedMembers(objectOf(catalogue, name)).map((member) => member.name);
    const differing = members.filter((member) => !sameValue(image[member] ?? null, published[member] ?? null));
    if (differing.length > 0) drift.push({ object: name, id, kind: 'changed', members: differing });
  }
  for (const object of POLICY_OBJECTS) {
    for (const id of Object.keys(policyRecords.records[object])) {
      if (!seen.has(`${object} ${id}`)) drift.push({ object, id, kind: 'removed', members: [] });
    }
  }
  return drift;
}
