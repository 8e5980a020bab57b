/** The verbs that a rule can gate. */
export type GatedAction = 'create' | 'update' | 'delete';

/**
 * An approval rule: which changes wait for whom. Part of a policy version, like permissions. A rule that gates updates
 * gates creates and deletes of the same objects as well; otherwise delete and create would walk round it.
 */
export interface ApprovalRule {
  readonly id: string;
  readonly name: string;
  readonly objects: readonly string[];
  readonly actions: readonly GatedAction[];
  /** Members of whose change the rule speaks; null: of any. What a create or delete touches is every member. */
  readonly fields: readonly string[] | null;
  /** JSON form of the trigger, or null: always. */
  readonly trigger: unknown;
  /** Splitting a change does not help: it is also judged from the value so many hours ago. Null: by itself only. */
  readonly windowHours: number | null;
  readonly levels: readonly ApprovalLevel[];
  /** A role whose holders may read and comment what the rule holds, and are asked for nothing. */
  readonly reviewers?: string;
  /** Whether a checker is told how many records they may not see a change touches, and what those come to. */
  readonly revealsHiddenTotals?: true;
}

/** Who is asked: holders of a role (those too who inherit it), one person, or whoever a path from the record leads to. */
export type Approver =
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'person'; readonly person: string }
  /** To-one relations from the changed record to a Person: `['account', 'owner', 'manager']`. */
  | { readonly kind: 'path'; readonly path: readonly string[] };

/** One demand of a rule. Several may stand on one level; each must be met, by distinct people. */
export interface ApprovalLevel {
  readonly id: string;
  /** Levels are signed one after the other, the lowest first; they begin with 1. */
  readonly level: number;
  readonly approver: Approver;
  /** How many of them; `all`: every one, and at least one. */
  readonly quorum: number | 'all';
  /** After so many hours without being met, `escalateTo` may sign as well; without it the change expires. */
  readonly timeoutHours: number | null;
  /** A role that may sign too once the time is out. It never lowers the quorum. */
  readonly escalateTo: string | null;
}
