import { type DecisionTable, OBJECT_FIELD, type ObjectAction, type PermissionAction } from '@countersign/policy';
import { type Catalogue, type CatalogueObject, type GenericVerb, memberOf, objectOf } from '@countersign/schema';
import type { DecisionAction } from '../../path/decision-action';

/** What is asked about: an object, or a field of it. */
export interface AskedDecision {
  readonly object: string;
  readonly field: string | null;
  readonly action: DecisionAction;
}

/** A cell that Casbin can be asked about. */
export interface Cell {
  readonly object: string;
  readonly field: string;
  readonly action: PermissionAction;
}

export interface SettledVerdict {
  readonly verdict: 'ALLOWED' | 'MASKED' | 'DENIED';
  /** The cell that allows what is allowed; null when nothing is. */
  readonly granted: Cell | null;
  /** The cell that would have to be allowed for more; null when it is allowed, and when no rule could allow it. */
  readonly lacking: Cell | null;
}

/** Actions that are about one field. */
export const FIELD_USES: readonly DecisionAction[] = ['SEE', 'FILTER', 'SORT', 'AGGREGATE', 'CHANGE'];

const NEVER: SettledVerdict = { verdict: 'DENIED', granted: null, lacking: null };

/**
 * What the decision table says about an action, with everything that the paths of reading and writing ask for: a relation
 * is of no use without the object that it leads to, and changing a field is part of an update, or of a create for fields
 * that are set only once. The object and the field are in the catalogue.
 */
export function settleVerdict(catalogue: Catalogue, table: DecisionTable, asked: AskedDecision): SettledVerdict {
  const object = objectOf(catalogue, asked.object);
  const reading = (name: string): Cell => ({ object: name, field: 'id', action: 'see-clear' });
  if (asked.field === null) {
    if (asked.action === 'READ') return settled(table.readable(object.name), reading(object.name));
    return doing(table, object, asked.action.toLowerCase() as ObjectAction, reading);
  }
  const member = memberOf(object, asked.field)!;
  const cell = (action: PermissionAction): Cell => ({ object: object.name, field: member.name, action });
  if (asked.action === 'CHANGE') {
    if (member.kind === 'to-many' || member.write === 'never') return NEVER;
    if (!table.change(object.name, member.name)) return denied(cell('change'));
    const verb = doing(table, object, member.write === 'create' ? 'create' : 'update', reading);
    return verb.verdict === 'ALLOWED' ? settled(true, cell('change')) : verb;
  }
  const see = table.see(object.name, member.name);
  const clear = cell('see-clear');
  if (see === 'none') return denied(clear);
  if (member.kind !== 'field' && !table.readable(member.target)) return denied(reading(member.target));
  if (see === 'clear') return settled(true, clear);
  if (asked.action !== 'SEE') return denied(clear);
  return { verdict: 'MASKED', granted: cell('see-masked'), lacking: clear };
}

function doing(
  table: DecisionTable,
  object: CatalogueObject,
  action: ObjectAction,
  reading: (name: string) => Cell,
): SettledVerdict {
  const isVerb = action === 'create' || action === 'update' || action === 'delete';
  if (isVerb && !object.verbs.includes(action satisfies GenericVerb)) return NEVER;
  if (!table.readable(object.name)) return denied(reading(object.name));
  return settled(table.may(object.name, action), { object: object.name, field: OBJECT_FIELD, action });
}

function settled(allowed: boolean, cell: Cell): SettledVerdict {
  return allowed ? { verdict: 'ALLOWED', granted: cell, lacking: null } : denied(cell);
}

function denied(lacking: Cell): SettledVerdict {
  return { verdict: 'DENIED', granted: null, lacking };
}
