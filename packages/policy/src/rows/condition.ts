/**
 * A condition: a typed predicate over one object. One language serves `where` arguments, sharing groups, cell rules and
 * approval triggers. Semantics are three-valued as in SQL: a comparison with NULL is unknown, `ne` and `not` do not match
 * NULL (use isNull), and unknown means no for row scopes, cell rules and `where`.
 */
export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: CompareOperator; readonly operand: Operand }
  | { readonly kind: 'isNull'; readonly field: string; readonly operand: Operand }
  | { readonly kind: 'step'; readonly relation: string; readonly quantifier: 'one' | 'some' | 'none'; readonly of: Condition };

/** `in` takes a list; contains and startsWith take text and compare exactly, without patterns. */
export type CompareOperator = 'eq' | 'ne' | 'in' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'startsWith';

/** Where a compared value comes from. */
export type Operand =
  /** Written in the condition itself, already checked against the field's type. */
  | { readonly from: 'literal'; readonly value: unknown }
  /** A value of the asking principal, bound anew on every request. */
  | { readonly from: 'principal'; readonly name: PrincipalValueName }
  /** A value of this request, found by the planner when the statement runs. `slot` means something to the planner only. */
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
