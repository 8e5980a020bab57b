import { type Catalogue, type CatalogueObject, type StoredMember, storedMembers } from '@countersign/schema';
import { columnsOf } from './fill-template';
import type { ImportMap, RecordMap, Source } from './import-map';

/** The columns of the files at hand, by name of the file. */
export type KnownColumns = ReadonlyMap<string, readonly string[]>;

/** What in a mapping does not fit the catalogue or the files at hand. Parts about other files are not looked at. */
export function importMapProblems(catalogue: Catalogue, map: ImportMap, files: KnownColumns): string[] {
  return [...files].flatMap(([file, columns]) => {
    // A file that another one looks into may have no records of its own.
    const records = map.files[file]?.records;
    if (!records) return isLookedInto(map, file) ? [] : [`${file}: the mapping says nothing about it`];
    return records.flatMap((record) => {
      const object = catalogue.objects.get(record.object);
      if (!object) return [`${file}: there is no object ${record.object}`];
      if (!object.verbs.includes('create')) return [`${file}: ${object.name} cannot be created`];
      const check = new RecordMapCheck(catalogue, object, columns, files);
      return check.problems(record).map((problem) => `${file} > ${object.name}${problem}`);
    });
  });
}

function isLookedInto(map: ImportMap, file: string): boolean {
  const sources = Object.values(map.files).flatMap(({ records }) =>
    records.flatMap(({ fields }) => Object.values(fields)),
  );
  return sources.some((source) => 'lookup' in source && source.lookup === file);
}

class RecordMapCheck {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly object: CatalogueObject,
    private readonly columns: readonly string[],
    private readonly files: KnownColumns,
  ) {}

  problems({ key, when, fields }: RecordMap): string[] {
    const named = [...(key ? columnsOf(key) : []), ...(when ? [when.column] : [])];
    const own = [
      ...this.unknown(named),
      ...(key !== undefined && columnsOf(key).length === 0
        ? ['key names no column, so all rows would have one key']
        : []),
      ...(key !== undefined && 'externalId' in fields ? ['key is the externalId: leave that field out'] : []),
    ];
    const ofFields = Object.entries(fields).flatMap(([name, source]) => {
      const member = storedMembers(this.object).find((candidate) => candidate.name === name);
      if (!member || member.write === 'never') return [`.${name}: there is no such field to set`];
      return this.source(member, source).map((problem) => `.${name}: ${problem}`);
    });
    return [...own.map((problem) => `: ${problem}`), ...ofFields];
  }

  private source(member: StoredMember, source: Source): string[] {
    const isReference = 'reference' in source;
    if (isReference !== (member.kind === 'to-one')) {
      return [member.kind === 'to-one' ? `it leads to ${member.target}: use reference` : 'it leads to no other record'];
    }
    const otherwise = 'otherwise' in source && source.otherwise ? this.source(member, source.otherwise) : [];
    return [...this.alone(member, source), ...otherwise];
  }

  private alone(member: StoredMember, source: Source): string[] {
    if ('column' in source) return this.unknown([source.column]);
    if ('template' in source) return this.unknown(columnsOf(source.template));
    if ('positionWithin' in source) return this.unknown(columnsOf(source.positionWithin));
    if ('multiply' in source) {
      const isDecimal = member.kind === 'field' && member.type.kind === 'decimal';
      return [...this.unknown(source.multiply), ...(isDecimal ? [] : ['only a decimal can be a product'])];
    }
    if ('lookup' in source) {
      const there = this.files.get(source.lookup);
      if (!there) return [`${source.lookup} is looked into, so it has to be given as well`];
      const missing = [source.where, source.take].filter((column) => !there.includes(column));
      return [...this.unknown(columnsOf(source.equals)), ...missing.map((column) => noColumn(column, source.lookup))];
    }
    if ('reference' in source) {
      const { reference, key, match } = source;
      const target = this.catalogue.objects.get(reference);
      if (member.kind === 'to-one' && reference !== member.target)
        return [`it leads to ${member.target}, not to ${reference}`];
      const field = match && target?.members.find(({ name }) => name === match.field);
      const isText = field?.kind === 'field' && field.type.kind === 'text';
      const named = columnsOf(key ?? match?.value ?? '');
      return [...this.unknown(named), ...(match && !isText ? [`${reference} has no text field ${match.field}`] : [])];
    }
    return [];
  }

  private unknown(columns: readonly string[]): string[] {
    return columns.filter((column) => !this.columns.includes(column)).map((column) => noColumn(column));
  }
}

function noColumn(column: string, file?: string): string {
  return `there is no column ${column}${file === undefined ? '' : ` in ${file}`}`;
}
