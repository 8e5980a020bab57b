import type { Condition, RowScope } from '@countersign/policy';
import type {
  AggregateFunction,
  CatalogueField,
  DateUnit,
  FieldType,
  FilterOperator,
  StoredMember,
  ToOneRelation,
} from '@countersign/schema';
import type { Page } from './read-plan';
import type { Source } from './source';

/*
 * What an aggregate asks. Keys and measures are the columns of its groups, each there once; everything else points to
 * them by their place in the list.
 */

export interface AggregatePlan {
  readonly object: string;
  /** The to-one relation on the object that leads back to the parent; null for a root field. */
  readonly via: ToOneRelation | null;
  readonly scope: RowScope;
  readonly where: Condition | null;
  /** The row scope of every object that the condition, a key or a measure steps to. */
  readonly stepScopes: ReadonlyMap<string, RowScope>;
  readonly keys: readonly GroupKey[];
  readonly measures: readonly Measure[];
  readonly having: Having | null;
  readonly orderBy: readonly GroupSort[];
  readonly page: Page;
  readonly parts: readonly AggregatePart[];
}

export interface GroupKey {
  /** The parent whose field is grouped by; null for a field of the object itself. */
  readonly relation: ToOneRelation | null;
  readonly field: CatalogueField;
  /** The period into which days and instants fall. */
  readonly period: { readonly unit: DateUnit; readonly timeZone: Source } | null;
}

export type MeasureUse = 'aggregate' | 'having' | 'sort';

export type Measure =
  | { readonly of: 'count'; readonly uses: readonly MeasureUse[] }
  | { readonly of: 'countDistinct'; readonly member: StoredMember; readonly uses: readonly MeasureUse[] }
  | {
      readonly of: Exclude<AggregateFunction, 'countDistinct'>;
      readonly member: CatalogueField;
      readonly uses: readonly MeasureUse[];
    };

/** A condition on the measures of a group; three-valued as in SQL, and unknown is no. */
export type Having =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Having[] }
  | { readonly kind: 'not'; readonly of: Having }
  | {
      readonly kind: 'compare';
      readonly measure: number;
      readonly type: FieldType;
      readonly operator: FilterOperator;
      readonly value: Source;
    };

export type GroupSort = { readonly by: 'key' | 'measure'; readonly index: number; readonly direction: 'ASC' | 'DESC' };

export type AggregatePart =
  | { readonly kind: 'typename' | 'hasMore'; readonly key: string }
  | { readonly kind: 'groups'; readonly key: string; readonly parts: readonly GroupPart[] };

/** A part of one group. `type` is the name that `__typename` answers. */
export type GroupPart =
  | { readonly kind: 'typename'; readonly key: string; readonly type: string }
  | { readonly kind: 'key'; readonly key: string; readonly index: number }
  | { readonly kind: 'measure'; readonly key: string; readonly index: number }
  | { readonly kind: 'branch'; readonly key: string; readonly parts: readonly GroupPart[] };
