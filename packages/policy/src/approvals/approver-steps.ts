import { type Catalogue, type CatalogueObject, memberOf, objectOf } from '@countersign/schema';

/** More steps than any honest way to a person has. */
const MOST_STEPS = 8;

/**
 * The to-one relations to follow from a record to the person whom an approver's path means: the path itself, or one
 * step more where it ends at a user, whose person is meant. A text says why a path leads to nobody.
 */
export function approverSteps(catalogue: Catalogue, objectName: string, path: readonly string[]): string[] | string {
  if (path.length === 0) return 'a path has at least one step';
  if (path.length > MOST_STEPS) return `a path has at most ${MOST_STEPS} steps`;
  let at: CatalogueObject = objectOf(catalogue, objectName);
  for (const step of path) {
    const member = memberOf(at, step);
    if (!member) return `${at.name} has no ${step}`;
    if (member.kind !== 'to-one') return `${at.name}.${step} does not lead to one record`;
    at = objectOf(catalogue, member.target);
  }
  if (at.name === 'Person') return [...path];
  const person = at.name === 'User' ? memberOf(at, 'person') : undefined;
  if (person?.kind === 'to-one' && person.target === 'Person') return [...path, person.name];
  return `it ends at ${at.name}, not at a person or a user`;
}
