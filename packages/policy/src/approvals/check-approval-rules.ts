import { type Catalogue, memberOf, objectOf } from '@countersign/schema';
import { shown } from '../versions/body-shape';
import type { ApprovalLevel, ApprovalRule, GatedAction } from './approval-rule';
import { approverSteps } from './approver-steps';
import { parseTrigger } from './parse-trigger';
import { TriggerInvalid } from './trigger';

const ACTIONS: readonly GatedAction[] = ['create', 'update', 'delete'];
const PERSON = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MOST_HOURS = 8760;
const MOST_PEOPLE = 100;

/**
 * What is wrong with approval rules, in plain sentences; nothing when they can be kept. The same check runs when a
 * policy is saved and when it is loaded, because a rule that cannot be followed would hold its changes for ever or, worse,
 * gate nothing. `roleNames` are the roles that the policy declares.
 */
export function checkApprovalRules(
  catalogue: Catalogue,
  roleNames: readonly string[],
  rules: readonly ApprovalRule[],
): string[] {
  const levelIds = rules.flatMap((rule) => rule.levels.map(({ id }) => id));
  return [
    ...doubles(rules.map(({ id }) => id)).map((id) => `approval rule ${shown(id)} is there twice`),
    ...doubles(rules.map(({ name }) => name)).map((name) => `two approval rules are called ${shown(name)}`),
    ...doubles(levelIds).map((id) => `level ${shown(id)} of the approval rules is there twice`),
    ...rules.flatMap((rule) =>
      ruleProblems(catalogue, roleNames, rule).map((problem) => `approval rule ${shown(rule.name)}: ${problem}`),
    ),
  ];
}

function ruleProblems(catalogue: Catalogue, roleNames: readonly string[], rule: ApprovalRule): string[] {
  const known = rule.objects.filter((name) => catalogue.objects.has(name));
  const unknown = rule.objects.filter((name) => !catalogue.objects.has(name));
  return [
    ...(rule.name.trim() === '' ? ['it needs a name'] : []),
    ...(rule.objects.length === 0 ? ['it names no object'] : []),
    ...doubles(rule.objects).map((name) => `object ${shown(name)} is named twice`),
    ...unknown.map((name) => `${shown(name)} is not an object`),
    ...(rule.actions.length === 0 ? ['it names no action'] : []),
    ...doubles(rule.actions).map((action) => `action ${shown(action)} is named twice`),
    ...rule.actions.filter((action) => !ACTIONS.includes(action)).map((action) => `${shown(action)} is not an action`),
    ...fieldProblems(catalogue, known, rule.fields),
    ...known.flatMap((object) => triggerProblems(catalogue, object, rule.trigger)),
    ...hourProblems('windowHours', rule.windowHours),
    ...(rule.reviewers === undefined || roleNames.includes(rule.reviewers)
      ? []
      : [`its reviewers are ${shown(rule.reviewers)}, which is not a declared role`]),
    ...numberingProblems(rule.levels),
    ...rule.levels.flatMap((level) =>
      levelProblems(catalogue, known, roleNames, level).map((problem) => `level ${shown(level.level)}: ${problem}`),
    ),
  ];
}

function fieldProblems(catalogue: Catalogue, objects: readonly string[], fields: readonly string[] | null): string[] {
  if (fields === null) return [];
  if (fields.length === 0) return ['it names no field; leave the fields out for a rule on any of them'];
  const unfit = objects.flatMap((object) =>
    fields.flatMap((name) => {
      const member = memberOf(objectOf(catalogue, object), name);
      if (!member) return [`${object} has no field ${shown(name)}`];
      if (member.kind === 'to-many')
        return [`${object}.${name} changes from its other side, ${member.target}.${member.via}`];
      if (name === 'id' || member.write === 'never')
        return [`${object}.${name} is set by the gateway and by nobody else`];
      return [];
    }),
  );
  return [...doubles(fields).map((name) => `field ${shown(name)} is named twice`), ...unfit];
}

function triggerProblems(catalogue: Catalogue, object: string, trigger: unknown): string[] {
  if (trigger === null) return [];
  try {
    parseTrigger(catalogue, object, trigger);
    return [];
  } catch (error) {
    if (!(error instanceof TriggerInvalid)) throw error;
    return error.problems.map((problem) => `trigger on ${object}: ${problem}`);
  }
}

function numberingProblems(levels: readonly ApprovalLevel[]): string[] {
  if (levels.length === 0) return ['it has no level: nobody could agree'];
  const numbers = [...new Set(levels.map(({ level }) => level))].sort((a, b) => a - b);
  const counted = numbers.every((level, index) => level === index + 1);
  return counted ? [] : [`its levels are ${numbers.join(', ')}; they must count 1, 2, 3 without a gap`];
}

function levelProblems(
  catalogue: Catalogue,
  objects: readonly string[],
  roleNames: readonly string[],
  { approver, quorum, timeoutHours, escalateTo }: ApprovalLevel,
): string[] {
  const problems: string[] = [];
  if (approver.kind === 'role' && !roleNames.includes(approver.role)) {
    problems.push(`${shown(approver.role)} is not a declared role`);
  }
  if (approver.kind === 'person' && !PERSON.test(approver.person)) {
    problems.push(`${shown(approver.person)} is not the id of a person`);
  }
  if (approver.kind === 'path') {
    const path = approver.path.join('.');
    for (const object of objects) {
      const steps = approverSteps(catalogue, object, approver.path);
      if (typeof steps === 'string') problems.push(`path ${shown(path)} on ${object}: ${steps}`);
    }
  }
  if (quorum !== 'all' && !isWithin(quorum, MOST_PEOPLE)) {
    problems.push(`its quorum is ${shown(quorum)}; it must be all, or a number from 1 to ${MOST_PEOPLE}`);
  } else if (quorum !== 'all' && quorum > 1 && approver.kind !== 'role') {
    problems.push(`its quorum is ${quorum}, but only one person is asked`);
  }
  problems.push(...hourProblems('timeoutHours', timeoutHours));
  if (escalateTo !== null && !roleNames.includes(escalateTo)) {
    problems.push(`it escalates to ${shown(escalateTo)}, which is not a declared role`);
  }
  if (escalateTo !== null && timeoutHours === null) problems.push('it escalates, but never: it has no timeoutHours');
  return problems;
}

function hourProblems(what: string, hours: number | null): string[] {
  if (hours === null || isWithin(hours, MOST_HOURS)) return [];
  return [`${what} is ${shown(hours)}; it must be from 1 to ${MOST_HOURS}`];
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function doubles(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
