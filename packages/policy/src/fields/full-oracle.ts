import type { CellEnforcer } from '../casbin/cell-enforcer';
import { askMember, askObject } from './answer-vector';
import type { FieldOracle } from './decision-table';
import { OBJECT_ACTIONS } from './levels';
import { CHANGE_BIT, SEE_BITS, SEE_LEVELS, settleMember } from './settle-levels';
import type { TableLayout } from './table-layout';

/** Answers by asking the enforcer about each set of roles, every time; all of the sets must allow. */
export function fullOracle(
  layout: TableLayout,
  enforcer: CellEnforcer,
  sets: readonly (readonly string[])[],
): FieldOracle {
  const inAllSets = (ask: (roles: readonly string[]) => number) =>
    sets.map(ask).reduce((all, bits) => all & bits, 0xff);
  const settled = (object: string, field: string): number => {
    const member = layout.objects.get(object)?.members.find(({ name }) => name === field);
    if (!member) return 0;
    return settleMember(
      member,
      inAllSets((roles) => askMember(enforcer, roles, object, field)),
    );
  };
  const seen = (object: string, field: string) => settled(object, field) & SEE_BITS;
  const readable = (object: string): boolean =>
    layout.objects.get(object)?.members.some(({ name }) => name !== 'id' && seen(object, name) > 0) ?? false;
  return {
    readable,
    see(object, field) {
      if (field === 'id') return readable(object) ? 'clear' : 'none';
      return SEE_LEVELS[seen(object, field)] ?? 'none';
    },
    change: (object, field) => (settled(object, field) & CHANGE_BIT) !== 0,
    may(object, action) {
      const position = OBJECT_ACTIONS.indexOf(action);
      if (!layout.objects.has(object) || position < 0) return false;
      return (inAllSets((roles) => askObject(enforcer, roles, object)) & (1 << position)) !== 0;
    },
  };
}
