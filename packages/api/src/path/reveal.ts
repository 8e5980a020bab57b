import type { Cursors } from '../planner/cursors';
import { MARK } from '../planner/sql/print-read';

/**
 * Finishes what the database left open in the answer: the text between two marks is replaced by its sealed cursor. The
 * rows are never parsed; the text is walked from mark to mark.
 */
export function reveal(text: string, cursors: Cursors): string {
  let from = text.indexOf(MARK);
  if (from < 0) return text;
  const parts: string[] = [];
  let done = 0;
  while (from >= 0) {
    const to = text.indexOf(MARK, from + 1);
    const colon = text.indexOf(':', from + 1);
    const connection = Number(text.slice(from + 1, colon));
    parts.push(text.slice(done, from), '"', cursors.seal(connection, text.slice(colon + 1, to)), '"');
    done = to + 1;
    from = text.indexOf(MARK, done);
  }
  parts.push(text.slice(done));
  return parts.join('');
}
