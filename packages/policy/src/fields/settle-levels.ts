import type { CatalogueMember } from '@countersign/schema';
import type { AnswerVector } from './answer-vector';
import { FIELD_ACTIONS, type PermissionAction, type SeeLevel } from './levels';
import type { ObjectCells, TableLayout } from './table-layout';

/** The see-levels by rank. A settled member cell is the rank, plus 4 when the member may be changed. */
export const SEE_LEVELS: readonly SeeLevel[] = ['none', 'masked', 'clear'];
export const SEE_BITS = 3;
export const CHANGE_BIT = 4;

/** True when someone with the masked level sees anything at all. */
export function hasMaskedForm(member: CatalogueMember): boolean {
  return member.kind === 'field' && member.mask !== undefined;
}

/** A to-many relation holds no column: it is changed from its other side. */
export function isChangeable(member: CatalogueMember): boolean {
  return member.kind !== 'to-many';
}

/**
 * Turns Casbin's answers into what the catalogue lets them mean: masked without a declared mask form is none, and `id`
 * follows the record, that is, it is clear exactly when another member of the object can be seen.
 * Object cells stay as they are.
 */
export function settleLevels(layout: TableLayout, answers: AnswerVector): Uint8Array {
  const cells = answers.slice();
  for (const object of layout.objects.values()) {
    for (const member of object.members) {
      const cell = object.cellOf.get(member.name)!;
      cells[cell] = settleMember(member, answers[cell]!);
    }
    const id = object.cellOf.get('id');
    if (id !== undefined) cells[id] = (cells[id]! & CHANGE_BIT) | (isReadable(object, cells) ? 2 : 0);
  }
  return cells;
}

/** True when a member other than `id` can be seen. */
export function isReadable(object: ObjectCells, cells: Uint8Array): boolean {
  return object.members.some(
    (member, index) => member.name !== 'id' && (cells[object.start + 1 + index]! & SEE_BITS) > 0,
  );
}

function settleMember(member: CatalogueMember, answers: number): number {
  const allowed = (action: PermissionAction) => (answers & (1 << FIELD_ACTIONS.indexOf(action))) !== 0;
  const change = allowed('change') && isChangeable(member) ? CHANGE_BIT : 0;
  if (allowed('see-clear')) return change | 2;
  if (allowed('see-masked') && hasMaskedForm(member)) return change | 1;
  return change;
}
