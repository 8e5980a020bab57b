import { type Condition, cellCondition, scopeOf } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import { type ConditionWording, describeRowScope, type ScopeReader } from './describe-row-scope';
import type { ExplainedParty } from './explained-party';

/** A cell rule as it is shown. */
export interface DescribedCellRule {
  /** Id of the CellRule record and name of its role; null for those who may not read rules. */
  readonly id: string | null;
  readonly role: string | null;
  /** Where the field is shown, in words. */
  readonly words: string;
  /** The condition as it is printed into statements. Null for those who may not read rules. */
  readonly sql: string | null;
  readonly bound: readonly string[];
}

const OF_CELLS: ConditionWording = {
  untold: 'the records that a cell rule names',
  literal: 'a value written in the cell rule',
};

/**
 * The cell rules under which a party sees a member: each of them for readers of rules, for others all together, without
 * saying whose they are, and in words only as far as these name nothing hidden.
 */
export function describeCellRules(
  catalogue: Catalogue,
  party: ExplainedParty,
  object: string,
  member: string | null,
  reader: ScopeReader,
): DescribedCellRule[] {
  const combined = member === null ? undefined : party.cellRules(object).get(member);
  if (member === null || !combined) return [];
  const shown = (id: string | null, role: string | null, condition: Condition): DescribedCellRule => {
    const { words, sql, bound } = describeRowScope(catalogue, object, scopeOf(condition), reader, OF_CELLS);
    return { id, role, words, sql, bound };
  };
  if (!reader.seesRules) return [shown(null, null, combined)];
  return party.cellRulesOn(object, member).map((rule) => shown(rule.id, rule.role, cellCondition(catalogue, rule)));
}

/** Where a member is shown, in words; null when no rule limits it. */
export function cellWords(
  catalogue: Catalogue,
  party: ExplainedParty,
  object: string,
  member: string,
  reader: ScopeReader,
): string | null {
  const condition = party.cellRules(object).get(member);
  return condition ? describeRowScope(catalogue, object, scopeOf(condition), reader, OF_CELLS).words : null;
}
