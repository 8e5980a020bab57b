import type { RightsClass } from '@countersign/policy';
import type { CatalogueObject } from '@countersign/schema';
import type { CellAnswer, TableCell } from '../../../snapshot/table-cell';

/** A policy version as it was published, and the objects of the catalogue that it was made for. */
export interface OraclePolicy {
  /** The stored text; the oracle reads and compiles it for itself. */
  readonly body: string;
  readonly objects: readonly CatalogueObject[];
}

export interface OracleQuestion {
  /** Sent when the oracle does not have it yet; it answers under the last one that it was sent. */
  readonly policy: OraclePolicy | null;
  readonly rights: RightsClass;
  readonly cells: readonly TableCell[];
}

/** The answers in the order of the cells, or why there are none. */
export type OracleReply = { readonly answers: readonly CellAnswer[] } | { readonly failure: string };
