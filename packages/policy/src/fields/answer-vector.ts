import type { CellEnforcer } from '../casbin/cell-enforcer';
import { FIELD_ACTIONS, OBJECT_ACTIONS, OBJECT_FIELD, type PermissionAction } from './levels';
import type { TableLayout } from './table-layout';

/**
 * Casbin's bare answers for one set of roles, a byte a cell: in an object's own cell a bit for each of OBJECT_ACTIONS,
 * in a member's cell a bit for each of FIELD_ACTIONS.
 */
export type AnswerVector = Uint8Array;

/** How long the event loop may be kept from other requests. */
const SLICE_MS = 5;

/**
 * Asks Casbin for every cell. Gives way to other work after each slice of 5 ms; the clock decides when to pause and
 * never what is answered.
 */
export async function fillAnswers(
  layout: TableLayout,
  enforcer: CellEnforcer,
  roles: readonly string[],
): Promise<AnswerVector> {
  const answers = new Uint8Array(layout.size);
  let sliceEnds = performance.now() + SLICE_MS;
  for (const object of layout.objects.values()) {
    answers[object.start] = ask(enforcer, roles, object.name, OBJECT_FIELD, OBJECT_ACTIONS);
    for (const [field, cell] of object.cellOf) {
      answers[cell] = ask(enforcer, roles, object.name, field, FIELD_ACTIONS);
      if (performance.now() < sliceEnds) continue;
      await new Promise((resume) => setImmediate(resume));
      sliceEnds = performance.now() + SLICE_MS;
    }
  }
  return answers;
}

function ask(
  enforcer: CellEnforcer,
  roles: readonly string[],
  object: string,
  field: string,
  actions: readonly PermissionAction[],
): number {
  let bits = 0;
  for (const [position, action] of actions.entries()) {
    if (enforcer.allows(roles, object, field, action)) bits |= 1 << position;
  }
  return bits;
}

/** What both allow: a narrowed token can do what its roles and its scopes agree on. */
export function bothAllow(one: AnswerVector, other: AnswerVector): AnswerVector {
  return one.map((answers, cell) => answers & other[cell]!);
}
