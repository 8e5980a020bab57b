import { type Catalogue, memberOf, objectOf } from '@countersign/schema';
import type { PrincipalValues } from '../rows/condition';
import { type EvaluationContext, evaluateCondition } from '../rows/evaluate-condition';
import { compareDecimals, type ExactDecimal, exactDecimal, unitsAt } from '../rows/exact-decimal';
import { foldTruths, oppositeTruth, type Truth } from '../rows/truth';
import { type ChangeUnderReview, sameValue } from './change-under-review';
import type { BoundOperator, Measure, Trigger, TriggerTerm } from './trigger';

/** Finds the parent that a record refers to; see {@link EvaluationContext.related}. */
export type Related = EvaluationContext['related'];

const NOBODY: PrincipalValues = {
  userId: null,
  personId: null,
  accountId: null,
  region: null,
  email: null,
  clientId: null,
};

/**
 * Decides a trigger for one change, three-valued. Unknown are: a part that asks for an image that is not there (before
 * a create, after a delete), a number or a compared value that is null or missing, a percentage of zero, whatever throws,
 * and a trigger of another object. `not` leaves unknown unknown. Never throws.
 *
 * INVARIANT: unknown counts as held; see {@link triggerHolds}.
 */
export function evaluateTrigger(
  catalogue: Catalogue,
  trigger: Trigger,
  change: ChangeUnderReview,
  related: Related,
): Truth {
  if (trigger.object !== change.object) return null;
  return evaluate({ catalogue, change, related }, trigger.term);
}

/** Whether the trigger asks for approval: unless it is known not to. */
export function triggerHolds(
  catalogue: Catalogue,
  trigger: Trigger,
  change: ChangeUnderReview,
  related: Related,
): boolean {
  return evaluateTrigger(catalogue, trigger, change, related) !== false;
}

interface Review {
  readonly catalogue: Catalogue;
  readonly change: ChangeUnderReview;
  readonly related: Related;
}

function evaluate(review: Review, term: TriggerTerm): Truth {
  if (term.kind === 'all') return foldTruths(term.of, false, (part) => evaluate(review, part));
  if (term.kind === 'any') return foldTruths(term.of, true, (part) => evaluate(review, part));
  if (term.kind === 'not') return oppositeTruth(evaluate(review, term.of));
  if (term.kind === 'changed') {
    return foldTruths(term.members, true, (name) => orUnknown(() => changed(review, name)));
  }
  return orUnknown(() => evaluateLeaf(review, term));
}

function orUnknown(decide: () => Truth): Truth {
  try {
    return decide();
  } catch {
    return null;
  }
}

function evaluateLeaf(review: Review, term: Exclude<TriggerTerm, { kind: 'all' | 'any' | 'not' | 'changed' }>): Truth {
  switch (term.kind) {
    case 'image':
      return onImage(review, term);
    case 'moves': {
      const pair = numbers(review.change, term.field);
      return pair && moves(term.measure, pair, term.operator, exactDecimal(term.bound));
    }
    case 'crosses': {
      const pair = numbers(review.change, term.field);
      return pair && crosses(pair, exactDecimal(term.threshold));
    }
  }
}

function onImage({ catalogue, change, related }: Review, term: TriggerTerm & { kind: 'image' }): Truth {
  const record = change[term.image];
  if (record === null) return null;
  return evaluateCondition(term.condition, record, { catalogue, object: change.object, principal: NOBODY, related });
}

function changed({ catalogue, change: { object, before, after } }: Review, name: string): Truth {
  const member = memberOf(objectOf(catalogue, object), name);
  if (!member || member.kind === 'to-many') return null;
  const [old, next] = [before?.[name], after?.[name]];
  if (old === undefined || next === undefined) return null;
  return !sameValue(member, old, next);
}

interface Pair {
  readonly before: bigint;
  readonly after: bigint;
  /** Of both. */
  readonly scale: number;
}

/** Both values of a number in the same unit; null when one of them is not known. */
function numbers({ before, after }: ChangeUnderReview, field: string): Pair | null {
  const [old, next] = [before?.[field] ?? null, after?.[field] ?? null];
  if (old === null || next === null) return null;
  const [from, to] = [exactDecimal(old), exactDecimal(next)];
  const scale = Math.max(from.scale, to.scale);
  return { before: unitsAt(from, scale), after: unitsAt(to, scale), scale };
}

function moves(measure: Measure, { before, after, scale }: Pair, operator: BoundOperator, bound: ExactDecimal): Truth {
  const increase = after - before;
  if (measure === 'change') return compares({ units: size(increase), scale }, operator, bound);
  if (before === 0n) return null;
  const moved = { percentChange: size(increase), percentIncrease: increase, percentDecrease: -increase }[measure];
  // moved / |before| × 100 against the bound, without dividing: the base is positive, so the order stays.
  const share = { units: moved * 100n, scale: 0 };
  return compares(share, operator, { units: bound.units * size(before), scale: bound.scale });
}

function crosses({ before, after, scale }: Pair, threshold: ExactDecimal): boolean {
  if (before === after) return false;
  const [low, high] = before < after ? [before, after] : [after, before];
  return (
    compareDecimals({ units: low, scale }, threshold) <= 0 && compareDecimals({ units: high, scale }, threshold) >= 0
  );
}

function compares(value: ExactDecimal, operator: BoundOperator, bound: ExactDecimal): boolean {
  const order = compareDecimals(value, bound);
  switch (operator) {
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
  }
}

function size(units: bigint): bigint {
  return units < 0n ? -units : units;
}
