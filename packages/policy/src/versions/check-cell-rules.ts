import type { Catalogue } from '@countersign/schema';
import { cellRuleTargetProblem } from '../rows/cell-rules';
import { shown } from './body-shape';
import type { ConditionCheck } from './check-body';
import type { PolicyBody } from './policy-body';

/** What is wrong with the cell rules of a body. A rule that could not take effect would show what it should withhold. */
export function cellRuleProblems(catalogue: Catalogue, body: PolicyBody, checkCondition: ConditionCheck): string[] {
  const roles = new Set(body.roles.map((role) => role.name));
  const ids = new Set<string>();
  return body.cellRules.flatMap(({ id, role, object, field, condition }) => {
    const problems: string[] = [];
    if (ids.has(id)) problems.push('it is there twice');
    ids.add(id);
    if (!roles.has(role)) problems.push(`${shown(role)} is not a declared role`);
    const target = cellRuleTargetProblem(catalogue, object, field);
    problems.push(...(target === null ? checkCondition(object, condition) : [target]));
    return problems.map((problem) => `cell rule ${shown(id)}: ${problem}`);
  });
}
