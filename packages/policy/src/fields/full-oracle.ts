import { type Catalogue, memberOf } from '@countersign/schema';
import type { CellEnforcer } from '../casbin/cell-enforcer';
import type { FieldOracle } from './decision-table';
import { OBJECT_FIELD, type PermissionAction, type SeeLevel } from './levels';
import { hasMaskedForm, isChangeable } from './settle-levels';

/** Casbin is asked about the roles, about the scopes, and about the roles together with those that are lent. */
export interface OracleSets {
  readonly roles: readonly string[];
  readonly scopes: readonly string[] | null;
  readonly together: readonly string[] | null;
}

/**
 * Answers by asking the enforcer about each set of roles, every time anew: roles and scopes must both allow. Lent roles
 * may add to the roles on billing and custom objects, never an approval, and their denials hold everywhere. It says in
 * its own words what answers mean, so that comparing it with the table compares two readings and not one with itself.
 */
export function fullOracle(
  catalogue: Catalogue,
  enforcer: CellEnforcer,
  { roles, scopes, together }: OracleSets,
): FieldOracle {
  const member = (object: string, field: string) => {
    const known = catalogue.objects.get(object);
    return known && memberOf(known, field);
  };
  const allows = (object: string, field: string, action: PermissionAction): boolean => {
    const says = (set: readonly string[]) => enforcer.allows(set, object, field, action);
    if (scopes && !says(scopes)) return false;
    if (!together) return says(roles);
    if (!says(together)) return false;
    const isClosedToLending = action === 'approve' || catalogue.objects.get(object)?.kind === 'system';
    return isClosedToLending ? says(roles) : true;
  };
  const seen = (object: string, field: string): SeeLevel => {
    const known = member(object, field);
    if (!known) return 'none';
    if (allows(object, field, 'see-clear')) return 'clear';
    return hasMaskedForm(known) && allows(object, field, 'see-masked') ? 'masked' : 'none';
  };
  const readable = (object: string) => {
    const others = catalogue.objects.get(object)?.members.filter(({ name }) => name !== 'id') ?? [];
    return others.some(({ name }) => seen(object, name) !== 'none');
  };
  return {
    readable,
    see(object, field) {
      if (field !== 'id') return seen(object, field);
      return readable(object) && member(object, field) ? 'clear' : 'none';
    },
    change(object, field) {
      const known = member(object, field);
      return known !== undefined && isChangeable(known) && allows(object, field, 'change');
    },
    may: (object, action) => catalogue.objects.has(object) && allows(object, OBJECT_FIELD, action),
  };
}
