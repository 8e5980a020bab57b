import type { Catalogue } from '@countersign/schema';
import type { AnswerVector } from './answer-vector';
import { FIELD_ACTIONS, OBJECT_ACTIONS, type PermissionAction } from './levels';
import type { TableLayout } from './table-layout';

/**
 * Whether break-glass may lend an answer at all. Policy, approval rules, keys, identity and the audit log are system
 * objects, and so is whatever is added to them: a new system object is closed to it from the first day. Approving is
 * never lent, whatever the object.
 */
export function isLendable(catalogue: Catalogue, object: string, action: PermissionAction): boolean {
  const kind = catalogue.objects.get(object)?.kind;
  return (kind === 'billing' || kind === 'custom') && action !== 'approve';
}

/**
 * The answers for somebody to whom roles are lent: those for their own roles and the lent ones together where lending
 * reaches, so that a denial of either wins. Elsewhere their own; there a lent role gives nothing, and denies all the same.
 */
export function withLent(
  catalogue: Catalogue,
  layout: TableLayout,
  own: AnswerVector,
  together: AnswerVector,
): AnswerVector {
  const answers = own.map((bits, cell) => bits & together[cell]!);
  for (const { name, start, cellOf } of layout.objects.values()) {
    answers[start]! |= together[start]! & lendableBits(catalogue, name, OBJECT_ACTIONS);
    for (const cell of cellOf.values())
      answers[cell]! |= together[cell]! & lendableBits(catalogue, name, FIELD_ACTIONS);
  }
  return answers;
}

function lendableBits(catalogue: Catalogue, object: string, actions: readonly PermissionAction[]): number {
  return actions.reduce((bits, action, at) => bits | (isLendable(catalogue, object, action) ? 1 << at : 0), 0);
}
