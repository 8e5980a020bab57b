import { type Catalogue, type CatalogueObject, memberOf } from '@countersign/schema';
import type { Audience, GroupDefinition, PolicyBody } from '../versions/policy-body';
import { ConditionInvalid } from './build-condition';
import { ALWAYS_FALSE, all, any, distinct, scopeOf } from './combine';
import type { Condition, RowScope } from './condition';
import { parseCondition } from './parse-condition';

export type SharingPolicy = Pick<PolicyBody, 'sharing' | 'groups'>;

/** What one group says about each object; undefined: nothing. */
export type GroupVoice = (objectName: string) => Condition | undefined;

/**
 * The records that a principal may touch, per object.
 *
 * One group says about X: its own condition on X AND, through `scopeVia`, what it says about X's parent. Over the
 * principal's groups that say something about X, any one suffices; with access `read-write` only those that are
 * read-write count. If no group says anything about X, staff get all of an `open` object; nobody gets anything else.
 * A null parent is hidden; a relation that leads back to an object already on the way is not followed.
 *
 * What a policy change may do, for one principal and one object X:
 * - A group that says something about X and gets a further condition, on X or on an ancestor, never adds a record of X.
 * - A group's first condition on X never adds a record for staff about whom no group says anything, where X is `open`.
 * - A group's FIRST word on X is a grant otherwise: groups are joined by OR, so where another group restricts the
 *   principal, or where there was no access at all, it adds the records that meet it. `wideningsOf` finds these.
 *
 * Throws ConditionInvalid for a group's condition that does not fit the catalogue. Objects that the catalogue does not
 * know are `never`.
 */
export function rowScopes(
  catalogue: Catalogue,
  policy: SharingPolicy,
  membership: { readonly groupIds: readonly string[] },
  audience: Audience,
  access: 'read' | 'read-write',
): (objectName: string) => RowScope {
  const member = new Set(membership.groupIds);
  // Sorted, so that equal memberships give equal scopes and share their plans.
  const groups = policy.groups.filter((group) => member.has(group.id)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const open = openObjects(policy);
  const voices = groups.map((group) => ({ group, voice: groupVoice(catalogue, group) }));
  const remembered = new Map<string, RowScope>();

  const decide = (objectName: string): RowScope => {
    if (!catalogue.objects.has(objectName)) return { kind: 'never' };
    const said = voices.flatMap(({ group, voice }) => {
      const condition = voice(objectName);
      return condition ? [{ group, condition }] : [];
    });
    if (said.length === 0) return { kind: audience === 'staff' && open.has(objectName) ? 'always' : 'never' };
    const counted = said.filter(({ group }) => access === 'read' || group.access === 'read-write');
    return scopeOf(any(distinct(counted.map(({ condition }) => condition))));
  };
  return (objectName) => {
    const scope = remembered.get(objectName) ?? decide(objectName);
    remembered.set(objectName, scope);
    return scope;
  };
}

/** Objects shared openly. One that is listed both ways is not. */
export function openObjects(policy: Pick<PolicyBody, 'sharing'>): ReadonlySet<string> {
  const open = new Set(policy.sharing.filter((entry) => entry.sharing === 'open').map((entry) => entry.object));
  for (const entry of policy.sharing) if (entry.sharing !== 'open') open.delete(entry.object);
  return open;
}

const voicesByCatalogue = new WeakMap<Catalogue, WeakMap<GroupDefinition, GroupVoice>>();

/**
 * What a group says, parsed once per catalogue and definition (both are immutable).
 * Throws {@link ConditionInvalid}; each problem names the group and the object.
 */
export function groupVoice(catalogue: Catalogue, group: GroupDefinition): GroupVoice {
  const known = voicesByCatalogue.get(catalogue) ?? new WeakMap<GroupDefinition, GroupVoice>();
  voicesByCatalogue.set(catalogue, known);
  const voice = known.get(group) ?? makeVoice(catalogue, group);
  known.set(group, voice);
  return voice;
}

function makeVoice(catalogue: Catalogue, group: GroupDefinition): GroupVoice {
  const own = ownConditions(catalogue, group);
  const speak = (objectName: string, path: readonly string[]): Condition | undefined => {
    const parent = scopeParent(catalogue, objectName, path);
    const inherited = parent && speak(parent.target, [...path, objectName]);
    const parts = own.get(objectName) ?? [];
    if (!inherited) return parts.length > 0 ? all(parts) : undefined;
    // Scopes are never negated, so a step to a parent that nobody sees may be folded here, and only here.
    if (inherited.kind === 'constant' && !inherited.value) return ALWAYS_FALSE;
    return all([...parts, { kind: 'step', relation: parent.relation, quantifier: 'one', of: inherited }]);
  };
  const remembered = new Map<string, Condition | undefined>();
  return (objectName) => {
    if (!remembered.has(objectName)) remembered.set(objectName, speak(objectName, []));
    return remembered.get(objectName);
  };
}

/** A group's own conditions per object. Throws {@link ConditionInvalid}. */
export function ownConditions(catalogue: Catalogue, group: GroupDefinition): ReadonlyMap<string, readonly Condition[]> {
  const own = new Map<string, Condition[]>();
  const problems: string[] = [];
  for (const { object, condition } of group.conditions) {
    const where = `group ${group.name}, ${object}`;
    if (!catalogue.objects.has(object)) {
      problems.push(`${where}: there is no such object`);
      continue;
    }
    try {
      const parsed = parseCondition(catalogue, object, condition, { allowPrincipal: true });
      own.set(object, [...(own.get(object) ?? []), parsed]);
    } catch (error) {
      if (!(error instanceof ConditionInvalid)) throw error;
      problems.push(...error.problems.map((problem) => `${where}: ${problem}`));
    }
  }
  if (problems.length > 0) throw new ConditionInvalid(problems);
  return own;
}

function scopeParent(catalogue: Catalogue, objectName: string, path: readonly string[]) {
  const object: CatalogueObject | undefined = catalogue.objects.get(objectName);
  const relation = object?.scopeVia ? memberOf(object, object.scopeVia) : undefined;
  if (relation?.kind !== 'to-one') return undefined;
  if (relation.target === objectName || path.includes(relation.target)) return undefined;
  return { relation: relation.name, target: relation.target };
}
