import type { Cursors } from '../planner/cursors';
import { COUNT, MARK } from '../planner/sql/marks';

export interface Revealed {
  readonly text: string;
  /** Ids of the records that show protected values, each once. */
  readonly protectedIds: readonly string[];
}

/**
 * Finishes what the database left open in the answer. The text between two marks is either `#3`, the start of a record of
 * the third counted object (`#3:<id>` for one that shows protected values), or `0:["…"]`, the sort values of a cursor,
 * which are replaced by the sealed cursor. The rows are never parsed; the text is walked from mark to mark. Records are
 * added to `records`, by object.
 */
export function reveal(
  text: string,
  cursors: Cursors,
  counted: readonly string[],
  records: Record<string, number>,
): Revealed {
  const counts = counted.map(() => 0);
  const protectedIds = new Set<string>();
  const parts: string[] = [];
  let done = 0;
  for (let from = text.indexOf(MARK); from >= 0; from = text.indexOf(MARK, done)) {
    const to = text.indexOf(MARK, from + 1);
    if (from > done) parts.push(text.slice(done, from));
    const [before, after] = splitAtColon(text, from + 1, to);
    if (before.startsWith(COUNT)) {
      counts[Number(before.slice(1))]! += 1;
      if (after !== null) protectedIds.add(after);
    } else {
      parts.push('"', cursors.seal(Number(before), after ?? ''), '"');
    }
    done = to + 1;
  }
  counted.forEach((object, i) => {
    records[object] = (records[object] ?? 0) + counts[i]!;
  });
  parts.push(text.slice(done));
  return { text: parts.join(''), protectedIds: [...protectedIds] };
}

function splitAtColon(text: string, from: number, to: number): [string, string | null] {
  const colon = text.indexOf(':', from);
  return colon < 0 || colon > to ? [text.slice(from, to), null] : [text.slice(from, colon), text.slice(colon + 1, to)];
}
