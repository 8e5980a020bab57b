import type { Condition } from '../rows/condition';

/** How far a number moves: in percent of what it was before, or as it stands. Increase and decrease have a sign. */
export const MEASURES = ['percentChange', 'percentIncrease', 'percentDecrease', 'change'] as const;
export type Measure = (typeof MEASURES)[number];

export const BOUND_OPERATORS = ['gt', 'gte', 'lt', 'lte'] as const;
export type BoundOperator = (typeof BOUND_OPERATORS)[number];

/** One part of a trigger. All of them are three-valued; `all` of nothing holds. */
export type TriggerTerm =
  | { readonly kind: 'all'; readonly of: readonly TriggerTerm[] }
  | { readonly kind: 'any'; readonly of: readonly TriggerTerm[] }
  | { readonly kind: 'not'; readonly of: TriggerTerm }
  /** A condition on the record as it was or as it would be; unknown where there is no such image. */
  | { readonly kind: 'image'; readonly image: 'before' | 'after'; readonly condition: Condition }
  /** One of the members differs, null being a value like any other. */
  | { readonly kind: 'changed'; readonly members: readonly string[] }
  | {
      readonly kind: 'moves';
      readonly measure: Measure;
      readonly field: string;
      readonly operator: BoundOperator;
      /** A decimal that is not negative. */
      readonly bound: string;
    }
  /** The field moves, and the threshold lies between its two values or is one of them. */
  | { readonly kind: 'crosses'; readonly field: string; readonly threshold: string };

/** When an approval rule speaks: a predicate over the record before, the record after, and the way between them. */
export interface Trigger {
  readonly object: string;
  readonly term: TriggerTerm;
  /**
   * To-one relations that must be followed from either image to evaluate it, from the record on. The path to each step
   * is there as well, shorter ones first.
   */
  readonly paths: readonly (readonly string[])[];
  /** Members of the object itself that it reads, sorted. */
  readonly members: readonly string[];
}

/** A trigger that does not fit the catalogue. Each problem begins with its path: `and[0].percentChange.amount: …`. */
export class TriggerInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The trigger is invalid:\n- ${problems.join('\n- ')}`);
    this.name = 'TriggerInvalid';
  }
}

/** The relations to load before the trigger can be evaluated; see {@link Trigger.paths}. */
export function triggerPaths(trigger: Trigger): readonly (readonly string[])[] {
  return trigger.paths;
}
