import type { DecisionTable } from './decision-table';
import { OBJECT_ACTIONS } from './levels';
import { CHANGE_BIT, isReadable, SEE_BITS, SEE_LEVELS } from './settle-levels';
import type { TableLayout } from './table-layout';

/** A decision table over settled cells; `digest` must be equal for equal cells only. */
export function rememberedTable(layout: TableLayout, cells: Uint8Array, digest: string): DecisionTable {
  const cellOf = (object: string, field: string): number => {
    const cell = layout.objects.get(object)?.cellOf.get(field);
    return cell === undefined ? 0 : cells[cell]!;
  };
  const readable = new Set([...layout.objects.values()].filter((o) => isReadable(o, cells)).map((o) => o.name));
  return Object.freeze<DecisionTable>({
    digest,
    see: (object, field) => SEE_LEVELS[cellOf(object, field) & SEE_BITS] ?? 'none',
    change: (object, field) => (cellOf(object, field) & CHANGE_BIT) !== 0,
    may(object, action) {
      const known = layout.objects.get(object);
      const position = OBJECT_ACTIONS.indexOf(action);
      return known !== undefined && position >= 0 && (cells[known.start]! & (1 << position)) !== 0;
    },
    readable: (object) => readable.has(object),
  });
}
