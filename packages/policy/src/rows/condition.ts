/**
 * A condition: a typed predicate over one object. One language serves `where` arguments, sharing groups, cell rules and
 * approval triggers. Semantics are three-valued as in SQL: a comparison with NULL is unknown, `ne` and `not` do not
 * match NULL (use isNull), and unknown means no for row scopes, cell rules and `where`.
 *
 * A to-one step (`one`) is a path, so it is three-valued like a column: it has the value of its inner condition on the
 * parent, and is unknown where the parent is null or hidden. Hence `not` and `one` may change places, and `not` does
 * not match a record without a parent. A to-many step speaks about a set, so it is two-valued: `some` holds when at
 * least one visible child meets the inner condition, `none` when no visible child does; an unknown child does not meet
 * it.
 */
export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: CompareOperator; readonly operand: Operand }
  /** `field` may also name a to-one relation: is there a parent? */
  | { readonly kind: 'isNull'; readonly field: string; readonly operand: Operand }
  | {
      readonly kind: 'step';
      readonly relation: string;
      readonly quantifier: 'one' | 'some' | 'none';
      readonly of: Condition;
    };

/**
 * `in` takes a list, and an empty list matches nothing, not even as unknown. `contains` and `startsWith` take text and
 * compare exactly, without patterns.
 */
export type CompareOperator = 'eq' | 'ne' | 'in' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'startsWith';

/** Where a compared value comes from. */
export type Operand =
  /** Written in the condition itself, already checked against the field's type. */
  | { readonly from: 'literal'; readonly value: unknown }
  /** A value of the asking principal, bound anew on every request. */
  | { readonly from: 'principal'; readonly name: PrincipalValueName }
  /** A value of this request, found when the statement runs. `slot` means something to the planner only. */
  | { readonly from: 'request'; readonly slot: unknown };

/** What conditions may ask about the principal: `$principal.accountId` and so on. A value may be null. */
export const PRINCIPAL_VALUES = ['userId', 'personId', 'accountId', 'region', 'email', 'clientId'] as const;
export type PrincipalValueName = (typeof PRINCIPAL_VALUES)[number];
export type PrincipalValues = Readonly<Record<PrincipalValueName, string | null>>;

/** Which records a class of principals may touch: all, none, or those that meet the condition. */
export type RowScope =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'only-where'; readonly condition: Condition };
