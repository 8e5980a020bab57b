import type { Catalogue } from '@countersign/schema';
import type { ApprovalLevel, ApprovalRule, Approver } from './approval-rule';
import { describeTrigger, joined } from './describe-trigger';
import { parseTrigger } from './parse-trigger';
import { TriggerInvalid } from './trigger';

/**
 * An approval rule in plain English, one sentence a line: what it gates, when, and who signs. For people to read, never
 * to be parsed. It prints literals and names of roles, so it is shown only to those who may read the policy.
 */
export function describeRule(catalogue: Catalogue, rule: ApprovalRule): string[] {
  const sentences = [`${gated(rule)} needs approval${whenOf(catalogue, rule)}.`];
  if (rule.windowHours !== null) {
    sentences.push(`All changes of the same record within ${hours(rule.windowHours)} count as one.`);
  }
  const levels = [...rule.levels].sort((a, b) => a.level - b.level || (a.id < b.id ? -1 : 1));
  const told = levels.map(describeLevel);
  if (rule.reviewers !== undefined) {
    told.push(`People with the role ${rule.reviewers} may read and comment it, and sign nothing.`);
  }
  if (rule.revealsHiddenTotals) {
    told.push('Checkers are told the count and the sum of records that they may not see.');
  }
  return [...sentences, ...told];
}

function gated({ actions, objects, fields }: ApprovalRule): string {
  const verbs = actions.includes('update') ? ['create', 'update', 'delete'] : [...actions].sort();
  const what = `To ${joined(verbs, 'or')} ${joined([...objects].sort(), 'or')}`;
  return fields === null ? what : `${what} in a way that touches ${joined([...fields].sort(), 'or')}`;
}

function whenOf(catalogue: Catalogue, { trigger, objects }: ApprovalRule): string {
  if (trigger === null) return '';
  try {
    const texts = objects.map((object) => describeTrigger(catalogue, parseTrigger(catalogue, object, trigger)));
    return ` when ${[...new Set(texts)].join('; or ')}, or when that cannot be told`;
  } catch (error) {
    if (error instanceof TriggerInvalid) return ', always, because its trigger cannot be read';
    throw error;
  }
}

function describeLevel({ level, approver, quorum, timeoutHours, escalateTo }: ApprovalLevel): string {
  return `Level ${level}: ${whoOf(approver, quorum)} must agree${timeOf(timeoutHours, escalateTo)}.`;
}

function whoOf(approver: Approver, quorum: number | 'all'): string {
  if (approver.kind === 'person') return `the person ${approver.person}`;
  if (approver.kind === 'path') return `the person that ${approver.path.join('.')} leads to`;
  if (quorum === 'all') return `everybody with the role ${approver.role}`;
  return quorum === 1 ? `one person with the role ${approver.role}` : `${quorum} people with the role ${approver.role}`;
}

function timeOf(timeoutHours: number | null, escalateTo: string | null): string {
  if (timeoutHours === null) return '';
  const end = `; after ${hours(timeoutHours)}`;
  return escalateTo === null
    ? `${end} the change expires`
    : `${end} people with the role ${escalateTo} may agree as well`;
}

function hours(count: number): string {
  return count === 1 ? 'an hour' : `${count} hours`;
}
