import { CsvError, parse } from 'csv-parse/sync';
import type { ImportProblems } from './import-problem';

export interface CsvRow {
  /** The line on which the row begins, from 1; the header is on the first one that is not empty. */
  readonly line: number;
  /** The text of each column. */
  readonly cells: ReadonlyMap<string, string>;
}

export interface CsvFile {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly bytes: number };
}

/**
 * Reads a file of comma-separated values (RFC 4180, UTF-8, a header first). A row with too many or too few cells is a
 * problem of that row; a file that cannot be taken apart has no rows.
 */
export function readCsvFile(name: string, bytes: Buffer, problems: ImportProblems): CsvFile {
  const nothing: CsvFile = { name, columns: [], rows: [] };
  const about = (line: number | null, reason: string) => problems.add({ file: name, line, column: null, reason });
  if (!isUtf8(bytes)) {
    about(null, 'the file is not UTF-8 text');
    return nothing;
  }
  let parsed: ParsedRecord[];
  try {
    parsed = parse(bytes, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    }) as unknown as ParsedRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    about(null, `the file is not well-formed CSV: ${error.message}`);
    return nothing;
  }
  const lines = new LineCounter(bytes);
  const starts = parsed.map((_, index) => lines.after(parsed[index - 1]?.info.bytes ?? 0));
  const [header, ...records] = parsed.map(({ record }) => record);
  if (!header) {
    about(null, 'the file is empty; it needs a header');
    return nothing;
  }
  const columns = header.map((column) => column.trim());
  const seen = new Set<string>();
  const twice = columns.find((column) => seen.size === seen.add(column).size);
  if (twice !== undefined) {
    about(starts[0]!, `the header names ${JSON.stringify(twice)} twice`);
    return nothing;
  }
  const rows = records.flatMap((record, index): CsvRow[] => {
    const line = starts[index + 1]!;
    if (record.length === columns.length) {
      return [{ line, cells: new Map(columns.map((column, place) => [column, record[place]!])) }];
    }
    about(line, `the row has ${record.length} cells, the header ${columns.length}`);
    return [];
  });
  return { name, columns, rows };
}

/** Counts lines as an editor does: a line break within quotes counts as well. Asked for ascending places only. */
class LineCounter {
  private at = 0;
  private breaks = 0;

  constructor(private readonly bytes: Buffer) {}

  /** The line of the first byte after `place` that is not a line break. */
  after(place: number): number {
    const { bytes } = this;
    while (this.at < bytes.length && (this.at < place || bytes[this.at] === LF || bytes[this.at] === CR)) {
      if (bytes[this.at] === LF || (bytes[this.at] === CR && bytes[this.at + 1] !== LF)) this.breaks++;
      this.at++;
    }
    return this.breaks + 1;
  }
}

const LF = 0x0a;
const CR = 0x0d;

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
