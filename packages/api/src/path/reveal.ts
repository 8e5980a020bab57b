import type { Cursors } from '../planner/cursors';
import { COUNT, MARK } from '../planner/sql/print-read';

/**
 * Finishes what the database left open in the answer. The text between two marks is either `#3`, the start of a record of
 * the third counted object, or `0:["…"]`, the sort values of a cursor, which are replaced by the sealed cursor. The rows
 * are never parsed; the text is walked from mark to mark.
 */
export function reveal(
  text: string,
  cursors: Cursors,
  counted: readonly string[],
  records: Record<string, number>,
): string {
  const counts = counted.map(() => 0);
  const parts: string[] = [];
  let done = 0;
  for (let from = text.indexOf(MARK); from >= 0; from = text.indexOf(MARK, done)) {
    const to = text.indexOf(MARK, from + 1);
    if (from > done) parts.push(text.slice(done, from));
    if (text[from + 1] === COUNT) {
      counts[Number(text.slice(from + 2, to))]! += 1;
    } else {
      const colon = text.indexOf(':', from + 1);
      const connection = Number(text.slice(from + 1, colon));
      parts.push('"', cursors.seal(connection, text.slice(colon + 1, to)), '"');
    }
    done = to + 1;
  }
  counted.forEach((object, i) => {
    records[object] = (records[object] ?? 0) + counts[i]!;
  });
  if (done === 0) return text;
  parts.push(text.slice(done));
  return parts.join('');
}
