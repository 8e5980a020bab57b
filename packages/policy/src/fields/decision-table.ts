import type { ObjectAction, SeeLevel } from './levels';

/** The rights of a class of callers: the roles they hold, those lent to them and, for tokens, the scopes that narrow them. */
export interface RightsClass {
  /** Role names, sorted, without doubles. */
  readonly roles: readonly string[];
  /** Scope roles of a narrowed token, sorted; null when the token is not narrowed. allowed = roles AND scopes. */
  readonly scopes: readonly string[] | null;
  /** Roles that are lent for an emergency, sorted; they count as far as `isLendable` says, and no further. */
  readonly lent?: readonly string[] | null;
}

/**
 * Casbin's answers for one class of rights and one catalogue, remembered. Immutable; a look-up costs nanoseconds.
 * Objects and fields that the table does not know are `none` / no.
 */
export interface DecisionTable {
  /** Equal for classes whose answers are all equal. */
  readonly digest: string;
  see(object: string, field: string): SeeLevel;
  change(object: string, field: string): boolean;
  may(object: string, action: ObjectAction): boolean;
  /** True when at least one member besides `id` can be seen: then the object exists for this class. */
  readable(object: string): boolean;
}

/** The same answers without the memory: every question is put to Casbin anew. */
export type FieldOracle = Omit<DecisionTable, 'digest'>;
