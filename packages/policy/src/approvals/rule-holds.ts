import { type Catalogue, objectOf, storedMembers } from '@countersign/schema';
import type { ConditionRecord } from '../rows/evaluate-condition';
import type { ApprovalRule } from './approval-rule';
import { type ChangeUnderReview, touchedMembers } from './change-under-review';
import { type Related, triggerHolds } from './evaluate-trigger';
import { parseTrigger } from './parse-trigger';
import { type Trigger, TriggerInvalid } from './trigger';

export interface ReviewContext {
  /** Parents that the paths of the rule's trigger lead to; one that is not there is null. */
  readonly related: Related;
  /** The changed record as it was so many hours ago; null: it did not exist then; undefined: nobody knows. */
  readonly windowStart: (hours: number) => ConditionRecord | null | undefined;
}

/**
 * Whether a rule makes a change wait. It does when object and action match, a field that the rule speaks of is touched,
 * and the trigger is not known to be false; a trigger that cannot be read counts as one that holds.
 *
 * A rule with a window judges the change a second time, from the record as it was when the window began: many small
 * steps are one large one. That is asked only of changes that touch what the rule speaks of, its fields or whatever its
 * trigger reads; else one large step, signed by everybody, would hold every other change until the window has passed.
 */
export function ruleHolds(
  catalogue: Catalogue,
  rule: ApprovalRule,
  change: ChangeUnderReview,
  context: ReviewContext,
): boolean {
  if (!ruleCovers(rule, change)) return false;
  const trigger = readTrigger(catalogue, rule, change.object);
  const holds = (judged: ChangeUnderReview) =>
    touchesAny(catalogue, judged, rule.fields) &&
    (trigger === null || triggerHolds(catalogue, trigger, judged, context.related));

  if (holds(change)) return true;
  if (rule.windowHours === null) return false;
  const spokenOf = trigger === null ? null : [...(rule.fields ?? []), ...trigger.members];
  if (!touchesAny(catalogue, change, spokenOf)) return false;
  const before = context.windowStart(rule.windowHours);
  return before === undefined || holds({ ...change, before });
}

/** Whether a rule speaks of such changes at all. One that gates updates gates creates and deletes as well. */
export function ruleCovers(rule: ApprovalRule, change: Pick<ChangeUnderReview, 'object' | 'verb'>): boolean {
  return (
    rule.objects.includes(change.object) && (rule.actions.includes(change.verb) || rule.actions.includes('update'))
  );
}

/** Null: it always holds, be it that there is none, be it that nobody can read it. */
function readTrigger(catalogue: Catalogue, rule: ApprovalRule, object: string): Trigger | null {
  if (rule.trigger === null) return null;
  try {
    return parseTrigger(catalogue, object, rule.trigger);
  } catch (error) {
    if (error instanceof TriggerInvalid) return null;
    throw error;
  }
}

/** Null: any. A name that the object does not have counts as touched: nobody can say that it is not. */
function touchesAny(catalogue: Catalogue, change: ChangeUnderReview, fields: readonly string[] | null): boolean {
  if (fields === null) return true;
  const touched = touchedMembers(catalogue, change);
  const stored = storedMembers(objectOf(catalogue, change.object)).map(({ name }) => name);
  return fields.some((name) => touched.includes(name) || !stored.includes(name));
}
