import type { Catalogue } from '@countersign/schema';
import type { GroupDefinition } from '../versions/policy-body';
import { type CellPolicy, cellRules } from './cell-rules';
import { implies } from './implies';
import { groupVoice, openObjects, type SharingPolicy } from './row-scope';

export type WideningReason =
  /** The object became `open`: staff about whom no group speaks gain every record. */
  | 'opened'
  /** A group that restricted the object is gone, or has lost its last word on it: members may fall back to `open`. */
  | 'silenced'
  /** A group's condition is not visibly at least as narrow as before. */
  | 'changed'
  /** A group's first word on the object: joined by OR, it adds records to members restricted elsewhere or shut out. */
  | 'first-word'
  /** A group that speaks about the object became read-write. */
  | 'write-access'
  /** A cell rule is gone, no longer reaches a role, or is not visibly at least as narrow as before. */
  | 'uncovered';

export interface Widening {
  readonly reason: WideningReason;
  readonly object: string;
  /** Absent for `opened` and `uncovered`. */
  readonly group?: { readonly id: string; readonly name: string };
  /** Whose cells of which field are `uncovered`. */
  readonly cell?: { readonly role: string; readonly field: string };
}

export type WidenablePolicy = SharingPolicy & CellPolicy;

/**
 * The ways in which a change of the sharing policy or the cell rules may let somebody touch more records, or see more
 * cells, than before, to be gated like a grant. Empty means: no principal, whatever their memberships, audience or access,
 * gains a record of any object, and none, whatever their roles and scopes, gains a cell of any record.
 * Objects that follow a changed one through `scopeVia` are listed too. A change of the catalogue is not judged here,
 * nor is one of memberships.
 *
 * Throws ConditionInvalid for a condition that does not fit the catalogue.
 */
export function wideningsOf(catalogue: Catalogue, before: WidenablePolicy, after: WidenablePolicy): Widening[] {
  const objects = [...catalogue.objects.keys()];
  const openBefore = openObjects(before);
  const opened = [...openObjects(after)].filter((object) => !openBefore.has(object));
  const widenings: Widening[] = opened.map((object) => ({ reason: 'opened', object }));

  const groupsBefore = new Map(before.groups.map((group) => [group.id, group]));
  const groupsAfter = new Map(after.groups.map((group) => [group.id, group]));
  for (const id of new Set([...groupsBefore.keys(), ...groupsAfter.keys()])) {
    const [old, next] = [groupsBefore.get(id), groupsAfter.get(id)];
    for (const object of objects) {
      for (const reason of reasonsOf(catalogue, object, old, next)) {
        widenings.push({ reason, object, group: { id, name: (next ?? old)!.name } });
      }
    }
  }
  return [...widenings, ...uncovered(catalogue, before, after)];
}

/**
 * Role by role is enough: cells of several roles are shown where the rules of each hold. A role that is gone grants
 * nothing, but what it withheld from holders of other roles as well it withholds no longer.
 */
function uncovered(catalogue: Catalogue, before: CellPolicy, after: CellPolicy): Widening[] {
  return before.roles.flatMap(({ name: role }) => {
    const rights = { roles: [role], scopes: null };
    const [was, is] = [cellRules(catalogue, before, rights), cellRules(catalogue, after, rights)];
    return [...catalogue.objects.keys()].flatMap((object) =>
      [...was(object)].flatMap(([field, condition]): Widening[] => {
        const now = is(object).get(field);
        return now && implies(now, condition) ? [] : [{ reason: 'uncovered', object, cell: { role, field } }];
      }),
    );
  });
}

function reasonsOf(
  catalogue: Catalogue,
  object: string,
  old?: GroupDefinition,
  next?: GroupDefinition,
): WideningReason[] {
  const said = old && groupVoice(catalogue, old)(object);
  const says = next && groupVoice(catalogue, next)(object);
  if (!says) return said ? ['silenced'] : [];
  if (!said) return ['first-word'];
  const reasons: WideningReason[] = implies(says, said) ? [] : ['changed'];
  if (old?.access === 'read' && next?.access === 'read-write') reasons.push('write-access');
  return reasons;
}
