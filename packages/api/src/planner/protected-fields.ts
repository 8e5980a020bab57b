import { type Catalogue, type CatalogueMember, memberOf } from '@countersign/schema';
import type { Decision, RecordPlan } from './read-plan';

/** Reading cardholder data, masked or clear, leaves a trace. */
function isProtected(member: CatalogueMember | undefined): boolean {
  return member?.kind === 'field' && member.tags.includes('cardholder');
}

/** The fields of a record plan whose reading leaves a trace, by name. */
export function protectedFields({ selections }: RecordPlan): string[] {
  return selections.flatMap((selection) =>
    selection.kind === 'field' && selection.see !== 'none' && isProtected(selection.field)
      ? [selection.field.name]
      : [],
  );
}

/** The same of a whole plan, as coordinates, from the decisions it took. */
export function protectedCoordinates(catalogue: Catalogue, decisions: readonly Decision[]): string[] {
  const shown = decisions.filter(({ coordinate, use, see }) => {
    const [object, member] = coordinate.split('.') as [string, string];
    const found = catalogue.objects.get(object);
    return use === 'select' && see !== 'none' && found !== undefined && isProtected(memberOf(found, member));
  });
  return [...new Set(shown.map(({ coordinate }) => coordinate))].sort();
}
