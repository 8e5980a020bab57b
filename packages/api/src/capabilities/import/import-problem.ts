import { printable } from './printable';

/** Why something cannot be imported, and where it stands. */
export interface ImportProblem {
  readonly file: string;
  /** The line on which the row begins, as an editor counts; null when it is about the file as a whole. */
  readonly line: number | null;
  readonly column: string | null;
  readonly reason: string;
}

/** More would help nobody. */
const MOST_KEPT = 100;

/** Collects the problems of an import: the first ones in full, all of them by number. */
export class ImportProblems {
  private readonly kept: ImportProblem[] = [];
  private count = 0;

  /** Texts may come from the files themselves; they are kept as they may be shown. */
  add({ file, line, column, reason }: ImportProblem): void {
    this.count++;
    if (this.kept.length >= MOST_KEPT) return;
    this.kept.push({
      file: printable(file),
      line,
      column: column === null ? null : printable(column),
      reason: printable(reason),
    });
  }

  get total(): number {
    return this.count;
  }

  /** At most 100, in the order of the files and their lines. */
  get list(): readonly ImportProblem[] {
    return [...this.kept].sort((a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0));
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
