import { type FieldOracle, OBJECT_ACTIONS, type ObjectAction, type SeeLevel } from '@countersign/policy';
import type { CatalogueObject } from '@countersign/schema';

/** One question that a decision table answers. Plain data, so that it can be handed to another thread. */
export type TableCell =
  | { readonly kind: 'see' | 'change'; readonly object: string; readonly field: string }
  /** An action on whole records, as it counts: only where the object can be seen at all. */
  | { readonly kind: 'act'; readonly object: string; readonly action: ObjectAction }
  | { readonly kind: 'readable'; readonly object: string };

export type CellAnswer = SeeLevel | boolean;

/** What a table or the full enforcer says of a cell. */
export function answerOf(oracle: FieldOracle, cell: TableCell): CellAnswer {
  switch (cell.kind) {
    case 'see':
      return oracle.see(cell.object, cell.field);
    case 'change':
      return oracle.change(cell.object, cell.field);
    case 'act':
      return oracle.readable(cell.object) && oracle.may(cell.object, cell.action);
    case 'readable':
      return oracle.readable(cell.object);
    default:
      return cell satisfies never;
  }
}

const RISING: readonly CellAnswer[] = [false, true, 'none', 'masked', 'clear'];

/** The answer of two that allows less. */
export function lowerOf<Answer extends CellAnswer>(one: Answer, other: Answer): Answer {
  return RISING.indexOf(one) <= RISING.indexOf(other) ? one : other;
}

/** Every cell of an object. */
export function cellsOf({ name: object, members }: CatalogueObject): TableCell[] {
  return [
    { kind: 'readable', object },
    ...OBJECT_ACTIONS.map((action): TableCell => ({ kind: 'act', object, action })),
    ...members.flatMap(({ name: field }): TableCell[] => [
      { kind: 'see', object, field },
      { kind: 'change', object, field },
    ]),
  ];
}

/** The cell as people write it: `Account.taxId see`. */
export function cellText(cell: TableCell): string {
  if (cell.kind === 'readable') return `${cell.object} readable`;
  return cell.kind === 'act' ? `${cell.object} ${cell.action}` : `${cell.object}.${cell.field} ${cell.kind}`;
}
