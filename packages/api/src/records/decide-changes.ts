import { Fault } from '../path/faults';
import { type Authority, madeIn } from '../path/rooms';
import type { ChangePlan, DecidedChanges } from './change';

/**
 * Decides every change of a set: the action on the object, and each member that the caller sets. One refusal refuses the
 * whole set. Throws FORBIDDEN, FIELD_FORBIDDEN. Defaults are the catalogue's, not the caller's, and need no right.
 */
export function decideChanges(plan: ChangePlan, { table }: Pick<Authority, 'table'>): DecidedChanges {
  for (const { object, verb } of plan.changes) {
    if (!table.readable(object.name) || !table.may(object.name, verb)) {
      throw new Fault('FORBIDDEN', { coordinate: object.name });
    }
  }
  for (const { object, given } of plan.changes) {
    for (const member of given) {
      if (!table.change(object.name, member)) {
        throw new Fault('FIELD_FORBIDDEN', { coordinate: `${object.name}.${member}` });
      }
    }
  }
  return madeIn<'decide', Pick<ChangePlan, 'changes' | 'references' | 'userErrors'>>(plan);
}
