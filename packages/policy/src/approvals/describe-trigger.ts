import type { Catalogue } from '@countersign/schema';
import { describeCondition } from '../rows/describe-condition';
import type { BoundOperator, Measure, Trigger, TriggerTerm } from './trigger';

/**
 * A trigger in plain English, to stand after "when": `amount rises by more than 10 percent and, after the change, region
 * is EMEA`. For people to read, never to be parsed. It prints literals, so it is shown only to those who may read the
 * policy.
 */
export function describeTrigger(catalogue: Catalogue, trigger: Trigger): string {
  return describe(catalogue, trigger.object, trigger.term);
}

function describe(catalogue: Catalogue, object: string, term: TriggerTerm): string {
  switch (term.kind) {
    case 'all':
    case 'any': {
      if (term.of.length === 0) return term.kind === 'all' ? 'always' : 'never';
      const parts = term.of.map((part) => {
        const text = describe(catalogue, object, part);
        return (part.kind === 'all' || part.kind === 'any') && part.of.length > 1 ? `(${text})` : text;
      });
      return parts.join(term.kind === 'all' ? ' and ' : ' or ');
    }
    case 'not':
      return `not (${describe(catalogue, object, term.of)})`;
    case 'image': {
      const { kind } = term.condition;
      const text = describeCondition(catalogue, object, term.condition);
      return `${term.image} the change, ${kind === 'all' || kind === 'any' ? `(${text})` : text}`;
    }
    case 'changed':
      return `${joined(term.members, 'or')} ${term.members.length === 1 ? 'changes' : 'change'}`;
    case 'moves':
      return `${term.field} ${verbOf(term.measure)} ${boundOf(term.operator)} ${term.bound}${unitOf(term.measure)}`;
    case 'crosses':
      return `${term.field} reaches, leaves or crosses ${term.threshold}`;
  }
}

function verbOf(measure: Measure): string {
  if (measure === 'percentIncrease') return 'rises by';
  return measure === 'percentDecrease' ? 'falls by' : 'changes by';
}

function unitOf(measure: Measure): string {
  return measure === 'change' ? '' : ' percent';
}

function boundOf(operator: BoundOperator): string {
  switch (operator) {
    case 'gt':
      return 'more than';
    case 'gte':
      return 'at least';
    case 'lt':
      return 'less than';
    case 'lte':
      return 'at most';
  }
}

/** `a`, `a or b`, `a, b or c`. */
export function joined(names: readonly string[], word: 'and' | 'or'): string {
  const last = names.length - 1;
  return last < 1 ? names.join('') : `${names.slice(0, last).join(', ')} ${word} ${names[last]}`;
}
