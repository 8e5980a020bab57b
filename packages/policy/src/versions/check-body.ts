import type { Catalogue } from '@countersign/schema';
import { checkApprovalRules } from '../approvals/check-approval-rules';
import { shapeProblems, shown } from './body-shape';
import { cellRuleProblems } from './check-cell-rules';
import { lineProblems } from './check-lines';
import { roleProblems } from './check-roles';
import type { PolicyBody } from './policy-body';

/** Says what is wrong with a condition that an admin wrote on an object, in its JSON form. */
export type ConditionCheck = (object: string, condition: unknown) => string[];

/**
 * Everything that keeps a policy from being published or loaded; an empty list means that it is sound. The same check
 * runs when a policy is saved and when it is loaded, because Casbin says nothing about a line that it cannot use.
 *
 * `checkCondition` judges the conditions of sharing groups and cell rules; without it only their objects are checked.
 */
export function checkPolicyBody(
  catalogue: Catalogue,
  catalogueRevision: string,
  body: PolicyBody,
  checkCondition: ConditionCheck = () => [],
): string[] {
  const shape = shapeProblems(body);
  if (shape.length > 0) return shape;
  const problems = [...roleProblems(body), ...lineProblems(catalogue, body)];
  if (body.catalogueRevision !== catalogueRevision) {
    problems.push(
      `it was written for the catalogue ${shown(body.catalogueRevision)}, not for ${shown(catalogueRevision)}`,
    );
  }
  const roles = body.roles.map((role) => role.name);
  return [
    ...problems,
    ...sharingProblems(catalogue, body),
    ...groupProblems(catalogue, body, checkCondition),
    ...checkApprovalRules(catalogue, roles, body.approvalRules ?? []),
    ...cellRuleProblems(catalogue, body, checkCondition),
  ];
}

function sharingProblems(catalogue: Catalogue, body: PolicyBody): string[] {
  const objects = body.sharing.map((entry) => entry.object);
  return [
    ...doubles(objects).map((object) => `sharing of ${shown(object)} is set twice`),
    ...objects
      .filter((object) => !catalogue.objects.has(object))
      .map((object) => `sharing: ${shown(object)} is not an object`),
  ];
}

function groupProblems(catalogue: Catalogue, body: PolicyBody, checkCondition: ConditionCheck): string[] {
  const twice = doubles(body.groups.map((group) => group.id)).map((id) => `group ${shown(id)} is there twice`);
  const conditions = body.groups.flatMap((group) =>
    group.conditions.flatMap(({ object, condition }) => {
      const problems = catalogue.objects.has(object)
        ? checkCondition(object, condition)
        : [`${shown(object)} is not an object`];
      return problems.map((problem) => `group ${shown(group.name)}: ${problem}`);
    }),
  );
  return [...twice, ...conditions];
}

function doubles(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
