import {
  type Catalogue,
  type CatalogueObject,
  inputName,
  objectOf,
  storedMembers,
  type ToOneRelation,
} from '@countersign/schema';
import { columnsOf, fillKey, textIn } from './fill-template';
import type { ImportMap, RecordMap, ReferenceSource, Source } from './import-map';
import type { ImportProblems } from './import-problem';
import { type CsvFile, type CsvRow } from './read-csv-file';
import { shown, ValueReader } from './read-value';

/** A reference that is still to be found. */
export interface DraftReference {
  readonly relation: ToOneRelation;
  /** `key`: how the files or the database name the record; else what one of its fields holds. */
  readonly by: { readonly key: string } | { readonly field: string; readonly value: string };
  readonly column: string | null;
}

/** A record that a row asks for, before its references are found. */
export interface Draft {
  readonly object: CatalogueObject;
  readonly file: string;
  readonly line: number;
  readonly key: string | null;
  readonly keyColumn: string | null;
  /** By input name. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly references: readonly DraftReference[];
  /** Which column an input came from, for messages. */
  readonly columns: Readonly<Record<string, string>>;
}

export interface Drafts {
  readonly drafts: readonly Draft[];
  /** Objects and keys of rows that were left out: what refers to them is not at fault. */
  readonly leftOut: ReadonlySet<string>;
}

/** How a key is told from the same key of another object. */
export const keyOf = (object: string, key: string) => `${object} ${key}`;

/** What the rows ask for, in their order. A row with a problem is left out, and the problem is noted. */
export function draftRecords(
  catalogue: Catalogue,
  map: ImportMap,
  files: ReadonlyMap<string, CsvFile>,
  problems: ImportProblems,
): Drafts {
  const reader = new ValueReader(files);
  const leftOut = new Set<string>();
  const drafts = [...files.values()].flatMap((file) => {
    const records = map.files[file.name]?.records ?? [];
    return file.rows.flatMap((row) =>
      records
        .filter((record) => applies(record, row))
        .flatMap((record) => {
          const ground = { file: file.name, row, reader, problems };
          const draft = draftRecord(objectOf(catalogue, record.object), record, ground);
          if (!draft && record.key) leftOut.add(keyOf(record.object, fillKey(record.key, row.cells)));
          return draft ? [draft] : [];
        }),
    );
  });
  return { drafts, leftOut };
}

function applies({ when }: RecordMap, { cells }: CsvRow): boolean {
  return when === undefined || when.in.includes(textIn(cells, when.column));
}

interface RowGround {
  readonly file: string;
  readonly row: CsvRow;
  readonly reader: ValueReader;
  readonly problems: ImportProblems;
}

function draftRecord(
  object: CatalogueObject,
  map: RecordMap,
  { file, row, reader, problems }: RowGround,
): Draft | null {
  const before = problems.total;
  const say = (column: string | null, reason: string) => problems.add({ file, line: row.line, column, reason });
  const values: Record<string, unknown> = {};
  const columns: Record<string, string> = {};
  const references: DraftReference[] = [];
  const key = map.key === undefined ? null : fillKey(map.key, row.cells);
  const keyColumn = map.key === undefined ? null : (columnsOf(map.key)[0] ?? null);
  if (key === '') say(keyColumn, `the key ${shown(map.key!)} has no value`);

  for (const member of storedMembers(object)) {
    const source = map.fields[member.name];
    if (!source) continue;
    const column = columnOf(source);
    if (column !== null) columns[inputName(member)] = column;
    if (member.kind === 'to-one') {
      const by = referenceIn(source as ReferenceSource, row);
      if (by) references.push({ relation: member, by, column });
      continue;
    }
    const read = reader.read(source, member, row, `${file} ${object.name}.${member.name}`);
    if (read === 'empty') continue;
    if ('problem' in read) say(column, read.problem);
    else values[member.name] = read.value;
  }
  if (key && storedMembers(object).some(({ name }) => name === 'externalId')) {
    values.externalId = key;
    if (keyColumn !== null) columns.externalId = keyColumn;
  }
  return problems.total > before ? null : { object, file, line: row.line, key, keyColumn, values, references, columns };
}

function referenceIn({ key, match }: ReferenceSource, { cells }: CsvRow): DraftReference['by'] | null {
  const found = fillKey(key ?? match!.value, cells);
  if (found === '') return null;
  return match ? { field: match.field, value: found } : { key: found };
}

/** The first column that a source reads. */
function columnOf(source: Source): string | null {
  if ('column' in source) return source.column;
  if ('template' in source) return columnsOf(source.template)[0] ?? null;
  if ('reference' in source) return columnsOf(source.key ?? source.match!.value)[0] ?? null;
  if ('lookup' in source) return columnsOf(source.equals)[0] ?? null;
  if ('multiply' in source) return source.multiply[0] ?? null;
  if ('positionWithin' in source) return columnsOf(source.positionWithin)[0] ?? null;
  return null;
}
