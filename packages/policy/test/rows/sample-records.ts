import { type FieldType, memberOf, objectOf, storedMembers } from '@countersign/schema';
import type { ConditionRecord, EvaluationContext } from '../../src/rows/evaluate-condition';
import { SAMPLE_OBJECTS, sampleCatalogue } from './sample-catalogue';

/** Values are few, so that comparisons meet; the texts sort differently by UTF-8 bytes, by UTF-16 and by language. */
const POOLS: Readonly<Record<Exclude<FieldType['kind'], 'enum' | 'uuid'>, readonly unknown[]>> = {
  text: ['EMEA', 'APAC', 'emea', 'EME', '', 'é', '\u{1F600}', '\uFF5E', '%_', "o'b\\", '"', 'a\u0001\n'],
  integer: [-2147483648, -1, 0, 1, 2147483647],
  decimal: ['-1.50', '0.00', '0.01', '10.00', '10.05', '9999999999.99'],
  boolean: [true, false],
  date: ['0001-01-01', '2024-02-29', '2024-03-01', '9999-12-31'],
  timestamp: ['1999-12-31T23:59:59.999Z', '2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.001Z'],
  json: [{}, [], 'x', null],
};

export const SAMPLE_SIZES: Readonly<Record<string, number>> = {
  Account: 60,
  Invoice: 90,
  InvoiceLine: 110,
  Contact: 70,
  Branch: 20,
  Office: 20,
};

/** The id of the nth record of an object; ids of records that do not exist are ids, too. */
export function sampleId(object: string, n: number): string {
  const objectDigits = String(SAMPLE_OBJECTS.indexOf(object)).padStart(4, 'a');
  return `0198a000-${objectDigits}-7000-8000-${String(n).padStart(12, '0')}`;
}

/** Values that a field of this type, or a comparison with it, may have. */
export function pool(object: string, type: FieldType): readonly unknown[] {
  if (type.kind === 'enum') return type.values;
  if (type.kind === 'uuid')
    return SAMPLE_OBJECTS.flatMap((name) => [0, 1, 2, 3].map((n) => sampleId(name, n))).concat(sampleId(object, 7));
  return POOLS[type.kind];
}

export type SampleRecords = Readonly<Record<string, readonly ConditionRecord[]>>;

/** A repeatable source of chance (mulberry32). */
export function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Random records of every sample object. About a quarter of all values and references are null. */
export function sampleRecords(seed: number): SampleRecords {
  const random = chance(seed);
  return Object.fromEntries(
    SAMPLE_OBJECTS.map((name) => {
      const records = Array.from({ length: SAMPLE_SIZES[name]! }, (_, n) => {
        const record: Record<string, unknown> = {};
        for (const member of storedMembers(objectOf(sampleCatalogue, name))) {
          if (member.name === 'id') record.id = sampleId(name, n);
          else if (member.name === 'version') record.version = 1;
          else if (random(4) === 0) record[member.name] = null;
          // Few parents have many children, and many have none.
          else if (member.kind === 'to-one')
            record[member.name] = sampleId(member.target, random(random(2) === 0 ? 4 : SAMPLE_SIZES[member.target]!));
          else record[member.name] = pick(pool(name, member.type), random);
        }
        return record;
      });
      return [name, records];
    }),
  );
}

function pick<T>(values: readonly T[], random: (below: number) => number): T {
  return values[random(values.length)]!;
}

/**
 * Follows relations through sample records. `view` shows a record as the caller sees it, withheld values as null;
 * null hides the record.
 */
export function relatedIn(
  records: SampleRecords,
  view: (object: string, record: ConditionRecord) => ConditionRecord | null = (_object, record) => record,
): EvaluationContext['related'] {
  const remembered = new Map<string, Map<unknown, ConditionRecord[]>>();
  /** What the caller sees of an object, by the value of one member. */
  const visible = (object: string, by: string): Map<unknown, ConditionRecord[]> => {
    const key = `${object}.${by}`;
    const known = remembered.get(key);
    if (known) return known;
    const found = new Map<unknown, ConditionRecord[]>();
    for (const record of records[object]!) {
      const seen = view(object, record);
      if (seen) found.set(seen[by], [...(found.get(seen[by]) ?? []), seen]);
    }
    remembered.set(key, found);
    return found;
  };
  return (object, record, relation) => {
    const member = memberOf(objectOf(sampleCatalogue, object), relation);
    if (member?.kind === 'to-one') return visible(member.target, 'id').get(record[relation])?.[0] ?? null;
    if (member?.kind === 'to-many') return visible(member.target, member.via).get(record.id) ?? [];
    throw new Error(`${object} has no relation ${relation}`);
  };
}
