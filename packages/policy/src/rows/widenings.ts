import type { Catalogue } from '@countersign/schema';
import type { GroupDefinition } from '../versions/policy-body';
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
  | 'write-access';

export interface Widening {
  readonly reason: WideningReason;
  readonly object: string;
  /** Absent for `opened`. */
  readonly group?: { readonly id: string; readonly name: string };
}

/**
 * The ways in which a change of the sharing policy may let somebody touch more records than before, to be gated like a
 * grant. Empty means: no principal, whatever their memberships, audience or access, gains a record of any object.
 * Objects that follow a changed one through `scopeVia` are listed too. A change of the catalogue is not judged here,
 * nor is one of memberships.
 *
 * Throws ConditionInvalid for a condition that does not fit the catalogue.
 */
export function wideningsOf(catalogue: Catalogue, before: SharingPolicy, after: SharingPolicy): Widening[] {
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
  return widenings;
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
