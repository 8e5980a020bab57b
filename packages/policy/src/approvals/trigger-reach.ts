import { type Catalogue, type CatalogueObject, memberOf, objectOf } from '@countersign/schema';
import type { Condition } from '../rows/condition';
import type { Trigger, TriggerTerm } from './trigger';

/** What a trigger reads: the relations to follow, and the members of the object itself. */
export function triggerReach(
  catalogue: Catalogue,
  object: CatalogueObject,
  term: TriggerTerm,
): Pick<Trigger, 'paths' | 'members'> {
  const paths = new Map<string, readonly string[]>();
  const members = new Set<string>();

  const walkCondition = (at: CatalogueObject, condition: Condition, path: readonly string[]): void => {
    if (condition.kind === 'constant') return;
    if (condition.kind === 'not' || condition.kind === 'all' || condition.kind === 'any') {
      for (const part of condition.kind === 'not' ? [condition.of] : condition.of) walkCondition(at, part, path);
      return;
    }
    const name = condition.kind === 'step' ? condition.relation : condition.field;
    if (path.length === 0) members.add(name);
    const member = memberOf(at, name);
    // Whether a relation is empty is asked of the parent as well: one that is hidden looks like none.
    if (member?.kind !== 'to-one') return;
    const step = [...path, name];
    paths.set(step.join('.'), step);
    if (condition.kind === 'step') walkCondition(objectOf(catalogue, member.target), condition.of, step);
  };

  const walk = (part: TriggerTerm): void => {
    if (part.kind === 'all' || part.kind === 'any') part.of.forEach(walk);
    else if (part.kind === 'not') walk(part.of);
    else if (part.kind === 'image') walkCondition(object, part.condition, []);
    else if (part.kind === 'changed') for (const name of part.members) members.add(name);
    else members.add(part.field);
  };

  walk(term);
  const sorted = [...paths.entries()].sort(([a, one], [b, other]) => one.length - other.length || (a < b ? -1 : 1));
  return { paths: sorted.map(([, path]) => path), members: [...members].sort() };
}
