import type { CellConditions, Condition, RowScope, SeeLevel } from '@countersign/policy';
import type { CatalogueField, ToManyRelation, ToOneRelation } from '@countersign/schema';
import type { FaultCode } from '../path/faults';
import type { AggregatePlan } from './aggregate-plan';
import type { Source, SourceTree } from './source';

/*
 * What a root field asks, as a tree that mirrors the answer. *plan* makes it; *decide* fills in levels, scopes and
 * refusals; the SQL printer turns it into one statement.
 */

export type ReadPlan = OneRecordPlan | ManyRecordsPlan | AggregateReadPlan;

/** What *decide* finds out about a plan; nothing before that. */
export interface Decided {
  readonly refusals: readonly Refusal[];
  readonly decisions: readonly Decision[];
  /** Cell rules that the plan has to keep: object -> member -> where the member is shown. Only members it uses. */
  readonly cells: ReadonlyMap<string, CellConditions>;
  /** Where they are used, so that the caller can be told. */
  readonly withheld: readonly WithheldSelection[];
}

export const UNDECIDED: Decided = { refusals: [], decisions: [], cells: new Map(), withheld: [] };

/** `cost` is the number of values that the plan may answer. */
export interface OneRecordPlan extends Decided {
  readonly kind: 'one';
  readonly object: string;
  readonly id: Source;
  readonly scope: RowScope;
  readonly record: RecordPlan;
  readonly cost: number;
}

export interface ManyRecordsPlan extends Decided {
  readonly kind: 'many';
  readonly connection: ConnectionPlan;
  readonly cost: number;
}

export interface AggregateReadPlan extends Decided {
  readonly kind: 'aggregate';
  readonly aggregate: AggregatePlan;
  readonly cost: number;
}

export interface RecordPlan {
  readonly object: string;
  readonly selections: readonly RecordSelection[];
}

export type RecordSelection =
  | { readonly kind: 'typename'; readonly key: string }
  /** Refused: printed as null. Its column is not in the statement. */
  | { readonly kind: 'withheld'; readonly key: string }
  | { readonly kind: 'field'; readonly key: string; readonly field: CatalogueField; readonly see: SeeLevel }
  | {
      readonly kind: 'to-one';
      readonly key: string;
      readonly relation: ToOneRelation;
      readonly scope: RowScope;
      readonly record: RecordPlan;
    }
  | {
      readonly kind: 'to-many';
      readonly key: string;
      readonly relation: ToManyRelation;
      readonly connection: ConnectionPlan;
    }
  | {
      readonly kind: 'aggregate';
      readonly key: string;
      readonly relation: ToManyRelation;
      readonly aggregate: AggregatePlan;
    };

export interface SortKey {
  readonly field: CatalogueField;
  readonly direction: 'ASC' | 'DESC';
}

export interface ConnectionPlan {
  readonly object: string;
  /** The to-one relation on the object that leads back to the parent; null for a root field. */
  readonly via: ToOneRelation | null;
  readonly scope: RowScope;
  readonly where: Condition | null;
  /** The row scope of every object that the condition steps to. */
  readonly stepScopes: ReadonlyMap<string, RowScope>;
  /** The argument itself, of which cursors take a digest. */
  readonly whereTree: SourceTree | undefined;
  /** Ends in `id`, so that the order is total. */
  readonly orderBy: readonly SortKey[];
  readonly page: Page;
  readonly parts: readonly ConnectionPart[];
}

export interface Page {
  /** `last` pages walk the reversed order and are turned round again. */
  readonly direction: 'forward' | 'backward';
  /** A number for common sizes, else bound when the statement runs. */
  readonly size: number | Source;
  /** The largest number of records the page may hold: what cost is counted by. */
  readonly most: number;
  readonly after: Source | null;
  readonly before: Source | null;
}

export type ConnectionPart =
  | { readonly kind: 'typename'; readonly key: string }
  | { readonly kind: 'nodes'; readonly key: string; readonly record: RecordPlan }
  | { readonly kind: 'edges'; readonly key: string; readonly parts: readonly EdgePart[] }
  | { readonly kind: 'pageInfo'; readonly key: string; readonly parts: readonly PageInfoPart[] }
  | { readonly kind: 'totalCount'; readonly key: string };

export type EdgePart =
  | { readonly kind: 'typename'; readonly key: string }
  | { readonly kind: 'cursor'; readonly key: string }
  | { readonly kind: 'node'; readonly key: string; readonly record: RecordPlan };

export type PageInfoPart = {
  readonly kind: 'typename' | 'hasNextPage' | 'hasPreviousPage' | 'startCursor' | 'endCursor';
  readonly key: string;
};

/** One error per selection, the same for none and for two hundred records. */
export interface Refusal {
  readonly code: FaultCode;
  readonly coordinate: string;
  /** Response keys below the root field, down to the selection. */
  readonly selection: readonly string[];
  /** The same, up to the first list: where GraphQL can point. */
  readonly path: readonly string[];
}

/**
 * A selection whose answer depends on a cell rule: a record in which the rule does not hold counts as having NULL there.
 * Told by the plan alone, the same for none and for two hundred records, so it says nothing about any of them.
 */
export interface WithheldSelection {
  /** The member that was named: the one under the rule, or a relation that is followed through one from its other side. */
  readonly coordinate: string;
  readonly use: Decision['use'];
  /** As in {@link Refusal}. For filters, sorts and figures it is the connection or aggregate. */
  readonly selection: readonly string[];
  readonly path: readonly string[];
}

/** One decision taken: a field used in a position, and the level policy gave. */
export interface Decision {
  readonly coordinate: string;
  readonly use: 'select' | 'filter' | 'sort' | 'group' | 'aggregate' | 'having';
  readonly see: SeeLevel;
}
