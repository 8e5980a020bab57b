import { inputName } from '@countersign/schema';
import type { Pool } from 'pg';
import type { DecidedUnder } from '../../path/rooms';
import { type Draft, type DraftReference, type Drafts, keyOf } from './draft-records';
import { findExisting } from './find-existing';
import type { ImportProblems } from './import-problem';
import { shown } from './read-value';

/** A draft whose references are known: other drafts, or ids of records that exist. */
export interface ResolvedDraft {
  readonly draft: Draft;
  /** Drafts that have to be created before this one, by input name. */
  readonly within: Readonly<Record<string, Draft>>;
  /** Ids by input name. */
  readonly existing: Readonly<Record<string, string>>;
}

type Found = ReadonlyMap<string, readonly string[]>;

/**
 * Finds what every draft refers to: first among the files, then in the database. Notes references that lead nowhere, and
 * keys that are taken, twice in the files or already in the database.
 */
export async function resolveReferences(
  pool: Pool,
  under: DecidedUnder,
  { drafts, leftOut }: Drafts,
  problems: ImportProblems,
): Promise<ResolvedDraft[]> {
  const own = await ownKeys(pool, under, drafts, problems);
  const found = await searchAll(pool, under, drafts, own);
  return drafts.map((draft) => {
    const within: Record<string, Draft> = {};
    const existing: Record<string, string> = {};
    for (const reference of draft.references) {
      const { relation, by, column } = reference;
      const target = 'key' in by ? own.get(keyOf(relation.target, by.key)) : undefined;
      if (target) {
        within[inputName(relation)] = target;
        continue;
      }
      if ('key' in by && leftOut.has(keyOf(relation.target, by.key))) continue;
      const [field, text] = sought(reference);
      const ids = found.get(keyOf(relation.target, field))?.get(text) ?? [];
      if (ids.length === 1) existing[inputName(relation)] = ids[0]!;
      else problems.add({ file: draft.file, line: draft.line, column, reason: missing(reference, ids.length) });
    }
    return { draft, within, existing };
  });
}

async function ownKeys(pool: Pool, under: DecidedUnder, drafts: readonly Draft[], problems: ImportProblems) {
  const own = new Map<string, Draft>();
  const stored = new Map<string, string[]>();
  for (const draft of drafts) {
    const { object, key, file, line, keyColumn } = draft;
    if (key === null) continue;
    const first = own.get(keyOf(object.name, key));
    if (first) {
      const reason = `${object.name} ${shown(key)} is there already, in ${first.file} on line ${first.line}`;
      problems.add({ file, line, column: keyColumn, reason });
      continue;
    }
    own.set(keyOf(object.name, key), draft);
    if ('externalId' in draft.values) stored.set(object.name, [...(stored.get(object.name) ?? []), key]);
  }
  for (const [object, keys] of stored) {
    for (const key of (await findExisting(pool, under, object, 'externalId', keys)).keys()) {
      const { file, line, keyColumn } = own.get(keyOf(object, key))!;
      problems.add({ file, line, column: keyColumn, reason: `${object} with externalId ${shown(key)} exists already` });
    }
  }
  return own;
}

/** What the database knows of everything that is referred to and not in the files. */
async function searchAll(pool: Pool, under: DecidedUnder, drafts: readonly Draft[], own: ReadonlyMap<string, Draft>) {
  const wanted = new Map<string, { object: string; field: string; texts: Set<string> }>();
  for (const reference of drafts.flatMap(({ references }) => references)) {
    const { relation, by } = reference;
    if ('key' in by && own.has(keyOf(relation.target, by.key))) continue;
    const [field, text] = sought(reference);
    const place = keyOf(relation.target, field);
    const entry = wanted.get(place) ?? { object: relation.target, field, texts: new Set<string>() };
    entry.texts.add(text);
    wanted.set(place, entry);
  }
  const found = new Map<string, Found>();
  for (const [place, { object, field, texts }] of wanted) {
    found.set(place, await findExisting(pool, under, object, field, [...texts]));
  }
  return found;
}

function sought({ by }: DraftReference): readonly [field: string, text: string] {
  return 'key' in by ? ['externalId', by.key] : [by.field, by.value];
}

function missing({ relation, by }: DraftReference, count: number): string {
  const named = 'key' in by ? shown(by.key) : `with ${by.field} ${shown(by.value)}`;
  if (count > 1) return `${count} records of ${relation.target} ${named} exist; it takes exactly one`;
  return `there is no ${relation.target} ${named}, in these files or among the records that you may read`;
}
