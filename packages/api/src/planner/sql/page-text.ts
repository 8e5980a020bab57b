import type { ConnectionPlan, RecordPlan, SortKey } from '../read-plan';
import { MARK } from './marks';
import { SqlText } from './sql-text';
import { cursorKeyText } from './value-text';

/** Where a record stands on its page. Columns begin with a letter, so none of the catalogue's has this name. */
export const POSITION = '_rn';

/** What the JSON text of a page is printed from. */
export interface PageText {
  readonly alias: string;
  readonly index: number;
  readonly orderBy: readonly SortKey[];
  readonly reverse: boolean;
  /** The order of the records in the answer. */
  readonly order: string;
  readonly filter: string;
  readonly more: string;
  /** Whether records lie on the other side of a given cursor; null when none was given. */
  outside(side: 'after' | 'before'): string | null;
}

/** Prints one part of `pageInfo`. */
export function pageInfoPart(kind: string, page: PageText, text: SqlText): void {
  switch (kind) {
    case 'typename':
      text.fixed('"PageInfo"');
      return;
    case 'hasNextPage':
    case 'hasPreviousPage': {
      const walking = (kind === 'hasNextPage') !== page.reverse;
      const outside = page.outside(kind === 'hasNextPage' ? 'before' : 'after');
      const terms = [...(walking ? [page.more] : []), ...(outside ? [outside] : [])];
      text.expression(terms.length === 0 ? "'false'" : `(${terms.join(' or ')})::text`);
      return;
    }
    default: {
      const lowest = (kind === 'startCursor') !== page.reverse;
      const order = `${page.alias}.${POSITION}${lowest ? '' : ' desc'}`;
      text.expression(`coalesce((array_agg(${cursorText(page)} order by ${order})${page.filter})[1],'null')`);
    }
  }
}

/** The sort values of a record between two marks, for the gateway to seal. */
export function cursorText(page: PageText): SqlText {
  const text = new SqlText().fixed(`${MARK}${page.index}:[`);
  page.orderBy.forEach((key, i) => {
    if (i > 0) text.fixed(',');
    text.expression(cursorKeyText(key.field, `${page.alias}.${key.field.column}`));
  });
  return text.fixed(`]${MARK}`);
}

/** The columns that the JSON text of a connection's records reads from its page. */
export function pageColumns(plan: ConnectionPlan): string[] {
  const columns = ['id'];
  const read = (record: RecordPlan): void => {
    for (const selection of record.selections) {
      if (selection.kind === 'field') columns.push(selection.field.column);
      else if (selection.kind === 'to-one') columns.push(selection.relation.column);
    }
  };
  for (const part of plan.parts) {
    if (part.kind === 'nodes') read(part.record);
    else if (part.kind === 'edges') for (const edge of part.parts) if (edge.kind === 'node') read(edge.record);
  }
  return columns;
}
