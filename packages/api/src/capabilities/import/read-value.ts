import { isDecimal, type StoredMember } from '@countersign/schema';
import { fillTemplate, textIn } from './fill-template';
import type { ColumnSource, LookupSource, ProductSource, Source } from './import-map';
import { multiplyDecimals } from './multiply-decimals';
import type { CsvFile, CsvRow } from './read-csv-file';

/** A value, nothing, or why there is none. */
export type ReadValue = { readonly value: unknown } | { readonly problem: string } | 'empty';

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,3})\d*)?)?$/;

/** Reads values out of rows. It remembers what it counts and looks up, so one serves a whole import. */
export class ValueReader {
  private readonly positions = new Map<string, number>();
  private readonly indexes = new Map<string, ReadonlyMap<string, CsvRow>>();

  constructor(private readonly files: ReadonlyMap<string, CsvFile>) {}

  /** `place` tells apart what is counted in different fields. Whether the value fits its field is checked later. */
  read(source: Source, member: StoredMember, { cells }: CsvRow, place: string): ReadValue {
    const found = this.alone(source, member, cells, place);
    if (found !== 'empty' || !('otherwise' in source) || !source.otherwise) return found;
    return this.read(source.otherwise, member, { cells, line: 0 }, `${place} otherwise`);
  }

  private alone(source: Source, member: StoredMember, cells: CsvRow['cells'], place: string): ReadValue {
    if ('constant' in source) return { value: source.constant };
    if ('column' in source) return column(source, member, cells);
    if ('template' in source) return typed(member, fillTemplate(source.template, cells));
    if ('lookup' in source) return this.lookup(source, member, cells);
    if ('multiply' in source) return product(source, member, cells);
    if ('positionWithin' in source) return { value: this.position(place, fillTemplate(source.positionWithin, cells)) };
    throw new Error('a reference is not a value');
  }

  private position(place: string, group: string): number {
    const key = JSON.stringify([place, group]);
    const next = this.positions.get(key) ?? 0;
    this.positions.set(key, next + 1);
    return next;
  }

  private lookup(
    { lookup, where, equals, take }: LookupSource,
    member: StoredMember,
    cells: CsvRow['cells'],
  ): ReadValue {
    const wanted = fillTemplate(equals, cells);
    if (wanted === '') return 'empty';
    const found = this.index(lookup, where).get(wanted);
    return found ? typed(member, textIn(found.cells, take)) : { problem: `${lookup} has no ${where} ${shown(wanted)}` };
  }

  private index(file: string, column: string): ReadonlyMap<string, CsvRow> {
    const key = JSON.stringify([file, column]);
    const known = this.indexes.get(key);
    if (known) return known;
    const made = new Map((this.files.get(file)?.rows ?? []).map((row) => [textIn(row.cells, column), row]));
    this.indexes.set(key, made);
    return made;
  }
}

function column({ column: name, read, map }: ColumnSource, member: StoredMember, cells: CsvRow['cells']): ReadValue {
  const text = textIn(cells, name);
  if (text === '') return 'empty';
  if (map)
    return Object.hasOwn(map, text)
      ? { value: map[text] }
      : { problem: `the mapping says nothing about ${shown(text)}` };
  if (read === 'decimal-comma') return typed(member, text.replaceAll(/[.\s]/g, '').replace(',', '.'));
  if (read === undefined) return typed(member, text);
  const [, day, time = '00:00:00', fraction = '000'] = TIMESTAMP.exec(text) ?? [];
  if (day === undefined) return { problem: `${shown(text)} is not a point in time like 2026-01-31 09:30:00` };
  return { value: read === 'date-of-timestamp' ? day : `${day}T${time}.${fraction.padEnd(3, '0')}Z` };
}

function product({ multiply }: ProductSource, member: StoredMember, cells: CsvRow['cells']): ReadValue {
  const factors = multiply.map((name) => textIn(cells, name));
  if (factors.includes('')) return 'empty';
  const wrong = factors.find((factor) => !isDecimal(factor));
  if (wrong !== undefined) return { problem: `${shown(wrong)} is not a decimal number` };
  const scale = member.kind === 'field' && member.type.kind === 'decimal' ? member.type.scale : 0;
  return { value: multiplyDecimals(factors, scale) };
}

const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  '1': true,
  false: false,
  no: false,
  '0': false,
};

/** Files hold texts; some fields do not. */
function typed(member: StoredMember, text: string): ReadValue {
  if (text === '') return 'empty';
  if (member.kind !== 'field') return { value: text };
  switch (member.type.kind) {
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? { value: Number(text) } : { problem: `${shown(text)} is not a whole number` };
    case 'boolean': {
      const value = WORDS[text.toLowerCase()];
      return value === undefined ? { problem: `${shown(text)} is neither true nor false` } : { value };
    }
    case 'json':
      try {
        return { value: JSON.parse(text) };
      } catch {
        return { problem: 'this is not JSON' };
      }
    default:
      return { value: text };
  }
}

/** A text of the file, cut to a length that a message can bear. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
