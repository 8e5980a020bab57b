/** What a decision was about: an object as a whole (READ and below CHANGE), or a use of one field. */
export const DECISION_ACTIONS = [
  'READ',
  'SEE',
  'FILTER',
  'SORT',
  'AGGREGATE',
  'CHANGE',
  'CREATE',
  'UPDATE',
  'DELETE',
  'EXPORT',
  'APPROVE',
] as const;
export type DecisionAction = (typeof DECISION_ACTIONS)[number];

/** Why something was refused that the rules by themselves allow. */
export const DECISION_REASONS = ['own-rights', 'write-scope', 'cell-rule', 'maker-checker'] as const;
export type DecisionReason = (typeof DECISION_REASONS)[number];
