import { inputName, memberOf, storedMembers } from '@countersign/schema';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { applyChanges } from '../../path/write-path';
import type { CarryOutDeps, Gate, GivenChange, HeldChange, UserError } from '../../records/change';
import { planChanges } from '../../records/plan-changes';
import { importMapProblems } from './check-import-map';
import { draftRecords } from './draft-records';
import { type ImportMap, ImportMapInvalid } from './import-map';
import { type ImportProblem, ImportProblems } from './import-problem';
import { orderDrafts } from './order-drafts';
import { printable } from './printable';
import { readCsvFile } from './read-csv-file';
import { type ResolvedDraft, resolveReferences } from './resolve-references';

export interface ImportDeps {
  readonly pool: Pool;
  readonly writes: CarryOutDeps;
}

export interface ImportRequest {
  readonly map: ImportMap;
  /** Data files by name, as the mapping names them. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Do everything, then undo it. */
  readonly dryRun: boolean;
  /** Ask for what others have to agree to, as one pending change; without it such an import is refused. */
  readonly submit?: boolean;
  readonly requestId: string;
  readonly now: Date;
  readonly onProgress: (text: string) => void;
}

export type ImportOutcome =
  | { readonly kind: 'imported'; readonly records: Readonly<Record<string, number>> }
  /** Nothing was written but the fact that it waits for others. */
  | { readonly kind: 'submitted'; readonly held: HeldChange; readonly records: Readonly<Record<string, number>> }
  /** Nothing was written. `problems` are the first 100 of `total`. */
  | { readonly kind: 'refused'; readonly problems: readonly ImportProblem[]; readonly total: number };

/**
 * Imports data files on behalf of somebody, through the same decisions, checks and traces as any other change: all rows
 * in one transaction, or none.
 *
 * Throws ImportMapInvalid; what policy refuses comes as a fault, and HeadMoved asks for a new decision.
 */
export async function importRecords(
  { pool, writes }: ImportDeps,
  under: DecidedUnder,
  { map, files: given, dryRun, submit = false, requestId, now, onProgress }: ImportRequest,
): Promise<ImportOutcome> {
  const problems = new ImportProblems();
  const files = new Map([...given].map(([name, bytes]) => [name, readCsvFile(name, bytes, problems)]));
  for (const { name, rows } of files.values()) onProgress(printable(`${name}: ${rows.length} rows`));
  const { catalogue } = under.snapshot;
  // A file that could not be read has no columns to hold the mapping to.
  if (problems.total === 0) requireFit(importMapProblems(catalogue, map, columnsOf(files)));
  requireRights(under, map, files);

  const drafts = draftRecords(catalogue, map, files, problems);
  const resolved = await resolveReferences(pool, under, drafts, problems);
  const ordered = orderDrafts(resolved, problems);
  if (problems.total > 0) {
    // The values of the other rows as well, so that everything can be mended at once.
    const { userErrors } = planChanges(catalogue, valuesAlone(ordered), now);
    for (const error of userErrors) problems.add(problemOf(error, ordered));
    return refused(problems);
  }

  onProgress(`${dryRun ? 'trying' : 'writing'} ${ordered.length} records`);
  const gated = submit ? writes : { ...writes, gate: notSubmitting(writes.gate) };
  const deps = dryRun ? { ...gated, dataSource: undoing(writes.dataSource) } : gated;
  const reason = `Import of ${[...files.keys()].join(', ')}`;
  const outcome = await applyChanges(deps, under, { requestId, now, reason }, changesOf(ordered));
  if (outcome.kind === 'refused') {
    for (const error of outcome.userErrors) problems.add(problemOf(error, ordered));
    return refused(problems);
  }
  const records = countByObject(ordered);
  return outcome.kind === 'held' ? { kind: 'submitted', held: outcome.held, records } : { kind: 'imported', records };
}

/** Refuses what would have to wait: whoever imports is told before anybody is asked. */
function notSubmitting(gate: Gate): Gate {
  return {
    ...gate,
    async judge(...asked) {
      const verdict = await gate.judge(...asked);
      if (verdict.kind !== 'held') return verdict;
      throw new Fault('FORBIDDEN', {
        because: 'maker-checker',
        message: 'These records change only with the agreement of others. Ask for it with --submit.',
      });
    },
  };
}

function refused(problems: ImportProblems): ImportOutcome {
  return { kind: 'refused', problems: problems.list, total: problems.total };
}

/** Says at once what policy would refuse at the end: whoever may not import learns nothing about the rows either. */
function requireRights(
  { authority: { table }, snapshot }: DecidedUnder,
  map: ImportMap,
  files: ReadonlyMap<string, unknown>,
) {
  for (const { object, key, fields } of [...files.keys()].flatMap((name) => map.files[name]?.records ?? [])) {
    const described = snapshot.catalogue.objects.get(object);
    if (!described) continue;
    if (!table.readable(object) || !table.may(object, 'create')) {
      throw new Fault('FORBIDDEN', { coordinate: object, action: 'CREATE' });
    }
    const keyed = key !== undefined && memberOf(described, 'externalId') ? ['externalId'] : [];
    const refused = [...Object.keys(fields), ...keyed].find((field) => !table.change(object, field));
    if (refused !== undefined) {
      throw new Fault('FIELD_FORBIDDEN', { coordinate: `${object}.${refused}`, action: 'CHANGE' });
    }
  }
}

function requireFit(problems: readonly string[]): void {
  if (problems.length > 0) throw new ImportMapInvalid(problems);
}

function columnsOf(files: ReadonlyMap<string, { readonly columns: readonly string[] }>) {
  return new Map([...files].map(([name, { columns }]) => [name, columns]));
}

/** The place of a change is its number, which leads back from an error to the row. */
function changesOf(ordered: readonly ResolvedDraft[]): GivenChange[] {
  const names = new Map(ordered.map(({ draft }, index) => [draft, `r${index}`]));
  return ordered.map(({ draft, within, existing }, index) => ({
    verb: 'create',
    object: draft.object.name,
    as: `r${index}`,
    place: [String(index)],
    input: {
      ...draft.values,
      ...existing,
      ...Object.fromEntries(Object.entries(within).map(([name, target]) => [name, `@${names.get(target)}`])),
    },
  }));
}

/** The changes for looking at their values only: all references lead somewhere. */
function valuesAlone(ordered: readonly ResolvedDraft[]): GivenChange[] {
  return ordered.map(({ draft }, index) => {
    const references = draft.references.map(({ relation }) => [inputName(relation), ANY_ID]);
    const input = { ...draft.values, ...Object.fromEntries(references) };
    return { verb: 'create', object: draft.object.name, place: [String(index)], input };
  });
}

const ANY_ID = '00000000-0000-7000-8000-000000000000';

function problemOf({ field, message }: UserError, ordered: readonly ResolvedDraft[]): ImportProblem {
  const entry = field === null ? undefined : ordered[Number(field[0])];
  if (!entry) return { file: '', line: null, column: null, reason: message };
  const { file, line, object, columns } = entry.draft;
  const input = field?.[2];
  const member = storedMembers(object).find((candidate) => inputName(candidate) === input);
  const place = member ? `${object.name}.${member.name}` : object.name;
  return { file, line, column: (input && columns[input]) || null, reason: `${place}: ${message}` };
}

function countByObject(ordered: readonly ResolvedDraft[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { draft } of ordered) counts[draft.object.name] = (counts[draft.object.name] ?? 0) + 1;
  return counts;
}

class Undone extends Error {
  constructor(readonly answer: unknown) {
    super('Everything was undone, as was asked for');
  }
}

/** The same database, except that its transactions never last: a trial is the real thing up to the commit. */
function undoing(dataSource: DataSource): DataSource {
  const transaction = async (work: (manager: DataSource['manager']) => Promise<unknown>): Promise<unknown> => {
    try {
      return await dataSource.transaction(async (manager) => {
        throw new Undone(await work(manager));
      });
    } catch (error) {
      if (error instanceof Undone) return error.answer;
      throw error;
    }
  };
  return Object.create(dataSource, { transaction: { value: transaction } }) as DataSource;
}
