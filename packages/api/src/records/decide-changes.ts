import type { GenericVerb } from '@countersign/schema';
import type { DecisionAction, DecisionReason } from '../path/decision-action';
import { Fault } from '../path/faults';
import { type Authority, madeIn } from '../path/rooms';
import type { ChangePlan, DecidedChanges } from './change';
import { wouldGuess } from './require-cells';

export type ChangeAuthority = Pick<Authority, 'table' | 'cellRules'>;

/** One decision that a change set needs. */
export interface ChangeDecision {
  readonly coordinate: string;
  readonly action: DecisionAction;
  readonly allowed: boolean;
  /** Why it is refused although the rules of fields allow it. */
  readonly because?: DecisionReason;
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
export function decideChanges(plan: ChangePlan, authority: ChangeAuthority): DecidedChanges {
  for (const { coordinate, action, allowed, because } of changeDecisions(plan, authority)) {
    if (allowed) continue;
    throw new Fault(action === 'CHANGE' ? 'FIELD_FORBIDDEN' : 'FORBIDDEN', { coordinate, action, because });
  }
  return madeIn<'decide', Pick<ChangePlan, 'changes' | 'references' | 'userErrors'>>(plan);
}

/** The same without those that something else than permissions has decided. */
export function* permissionDecisions(plan: ChangePlan, authority: ChangeAuthority): Generator<ChangeDecision> {
  for (const decision of changeDecisions(plan, authority)) if (!decision.because) yield decision;
}

/** The decisions of a change set in the order in which they are taken: first the actions, then the fields. */
export function* changeDecisions(plan: ChangePlan, authority: ChangeAuthority): Generator<ChangeDecision> {
  const { table } = authority;
  for (const { object, verb } of plan.changes) {
    const allowed = table.readable(object.name) && table.may(object.name, verb);
    yield { coordinate: object.name, action: ACTION_OF[verb], allowed };
  }
  for (const { object, given } of plan.changes) {
    for (const member of given) {
      const coordinate = `${object.name}.${member}`;
      const allowed = table.change(object.name, member);
      if (allowed && wouldGuess(authority, object, member)) {
        yield { coordinate, action: 'CHANGE', allowed: false, because: 'cell-rule' };
        continue;
      }
      yield { coordinate, action: 'CHANGE', allowed };
    }
  }
}
