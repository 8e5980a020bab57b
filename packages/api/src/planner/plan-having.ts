import { aggregateType, type FieldType, type FilterOperator, operatorsFor } from '@countersign/schema';
import { Fault } from '../path/faults';
import type { Having } from './aggregate-plan';
import type { Measures } from './measures';
import { isSource, type SourceTree } from './source';

const DEEPEST = 16;
/** As many as a filter may have. A part is a key, or an element of `and` or `or`. */
const MOST_PARTS = 200;

/** Plans the argument `having`. Throws BAD_USER_INPUT. */
export function planHaving(measures: Measures, tree: SourceTree): Having {
  return plan(measures, tree, 1, { parts: 0 });
}

function plan(measures: Measures, tree: SourceTree, depth: number, spent: { parts: number }): Having {
  if (depth > DEEPEST) throw refused('having is nested too deeply.');
  const spend = (parts: number): void => {
    spent.parts += parts;
    if (spent.parts > MOST_PARTS) throw refused(`having has at most ${MOST_PARTS} parts.`);
  };
  spend(Object.keys(tree ?? {}).length);
  const of = entriesOf(tree, 'having').flatMap(([name, inner]): Having[] => {
    switch (name) {
      case 'and':
      case 'or': {
        if (!Array.isArray(inner)) throw refused(`having.${name} takes a list.`);
        spend(inner.length);
        const parts = (inner as SourceTree[]).map((part) => plan(measures, part, depth + 1, spent));
        return [{ kind: name === 'and' ? 'all' : 'any', of: parts }];
      }
      case 'not':
        return [{ kind: 'not', of: plan(measures, inner, depth + 1, spent) }];
      case 'count':
        return comparisons(measures.count('having'), { kind: 'integer' }, inner, 'having.count');
      default:
        return someOf(inner, `having.${name}`).flatMap(([member, operators]) => {
          const measure = measures.index(name, member, 'having');
          return comparisons(measure, typeOf(measures, measure), operators, `having.${name}.${member}`);
        });
    }
  });
  return { kind: 'all', of };
}

function typeOf(measures: Measures, index: number): FieldType {
  const measure = measures.all[index]!;
  if (measure.of === 'count' || measure.of === 'countDistinct') return { kind: 'integer' };
  return aggregateType(measure.of, measure.member.type);
}

function comparisons(measure: number, type: FieldType, tree: SourceTree, path: string): Having[] {
  return someOf(tree, path).map(([name, value]) => {
    const operator = operatorsFor(type).find((candidate): candidate is FilterOperator => candidate === name);
    if (!operator) throw refused(`${path} knows no ${name}.`);
    if (!isSource(value)) throw refused(`${path}.${name}: null cannot be compared with; use isNull.`);
    return { kind: 'compare', measure, type, operator, value };
  });
}

/** Not "anything goes": a comparison whose variable was left out must not show more groups. */
function someOf(tree: SourceTree, path: string): [string, SourceTree][] {
  const entries = entriesOf(tree, path);
  if (entries.length === 0) throw refused(`${path}: nothing is compared; leave it out.`);
  return entries;
}

function entriesOf(tree: SourceTree, path: string): [string, SourceTree][] {
  if (tree === null || isSource(tree) || Array.isArray(tree)) throw refused(`${path} takes an object.`);
  return Object.entries(tree);
}

function refused(message: string): Fault {
  return new Fault('BAD_USER_INPUT', { message });
}
