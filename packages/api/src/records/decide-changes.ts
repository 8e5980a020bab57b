import type { GenericVerb } from '@countersign/schema';
import type { DecisionAction } from '../path/decision-action';
import { Fault } from '../path/faults';
import { type Authority, madeIn } from '../path/rooms';
import type { ChangePlan, DecidedChanges } from './change';

/** One decision that a change set needs. */
export interface ChangeDecision {
  readonly coordinate: string;
  readonly action: DecisionAction;
  readonly allowed: boolean;
}

export const ACTION_OF: Readonly<Record<GenericVerb, DecisionAction>> = {
  create: 'CREATE',
  update: 'UPDATE',
  delete: 'DELETE',
};

/**
 * Decides every change of a set: the action on the object, and each member that the caller sets. One refusal refuses the
 * whole set. Throws FORBIDDEN, FIELD_FORBIDDEN. Defaults are the catalogue's, not the caller's, and need no right.
 */
export function decideChanges(plan: ChangePlan, { table }: Pick<Authority, 'table'>): DecidedChanges {
  for (const { coordinate, action, allowed } of changeDecisions(plan, table)) {
    if (!allowed) throw new Fault(action === 'CHANGE' ? 'FIELD_FORBIDDEN' : 'FORBIDDEN', { coordinate, action });
  }
  return madeIn<'decide', Pick<ChangePlan, 'changes' | 'references' | 'userErrors'>>(plan);
}

/** The decisions of a change set in the order in which they are taken: first the actions, then the fields. */
export function* changeDecisions(plan: ChangePlan, table: Authority['table']): Generator<ChangeDecision> {
  for (const { object, verb } of plan.changes) {
    const allowed = table.readable(object.name) && table.may(object.name, verb);
    yield { coordinate: object.name, action: ACTION_OF[verb], allowed };
  }
  for (const { object, given } of plan.changes) {
    for (const member of given) {
      const allowed = table.change(object.name, member);
      yield { coordinate: `${object.name}.${member}`, action: 'CHANGE', allowed };
    }
  }
}
