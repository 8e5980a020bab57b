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

/** What of a read leaves a trace. */
export interface ProtectedUse {
  /** Protected fields that are shown or used, sorted. */
  readonly coordinates: readonly string[];
  /** Whether one is filtered, sorted, grouped or reckoned by: then the answer tells of it without showing a record. */
  readonly shapesAnswer: boolean;
  /** Whether it reads the audit log itself. */
  readonly looksAtTrace: boolean;
}

/** The object of the audit log. Looking at it is traced. */
const TRACE = 'AuditEntry';

/** What of a whole plan leaves a trace, from the object at its root and the decisions it took. */
export function protectedUse(catalogue: Catalogue, root: string, decisions: readonly Decision[]): ProtectedUse {
  const used = decisions.filter(({ coordinate, see }) => {
    const [object, member] = coordinate.split('.') as [string, string];
    const found = catalogue.objects.get(object);
    return see !== 'none' && found !== undefined && isProtected(memberOf(found, member));
  });
  return {
    coordinates: [...new Set(used.map(({ coordinate }) => coordinate))].sort(),
    shapesAnswer: used.some(({ use }) => use !== 'select'),
    looksAtTrace: root === TRACE || decisions.some(({ coordinate }) => coordinate.startsWith(`${TRACE}.`)),
  };
}
