import { type Catalogue, objectOf, type StoredMember, storedMembers } from '@countersign/schema';
import { compareValues } from '../rows/compare-values';
import type { ConditionRecord } from '../rows/evaluate-condition';
import type { GatedAction } from './approval-rule';

/** One change as approval rules see it: whole images by member name, in the form that conditions are evaluated on. */
export interface ChangeUnderReview {
  readonly object: string;
  readonly verb: GatedAction;
  readonly id: string;
  /** Null for a create. */
  readonly before: ConditionRecord | null;
  /** Null for a delete. */
  readonly after: ConditionRecord | null;
}

/**
 * Names of the stored members that the change touches: those whose values differ, and every one for a create or a
 * delete. What cannot be compared (missing from an image, or not of its type) counts as touched.
 */
export function touchedMembers(catalogue: Catalogue, change: ChangeUnderReview): readonly string[] {
  const members = storedMembers(objectOf(catalogue, change.object));
  const { before, after } = change;
  if (change.verb !== 'update' || before === null || after === null) return members.map(({ name }) => name);
  return members.filter((member) => differs(member, before[member.name], after[member.name])).map(({ name }) => name);
}

function differs(member: StoredMember, a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return true;
  try {
    return !sameValue(member, a, b);
  } catch {
    return true;
  }
}

/** Whether two values of a member, null being one of them, are the same. Throws for values that are not of its type. */
export function sameValue(member: StoredMember, a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b;
  if (member.kind === 'to-one') return compareValues({ kind: 'uuid' }, a, b) === 0;
  if (member.type.kind === 'json') return jsonText(a) === jsonText(b);
  return compareValues(member.type, a, b) === 0;
}

/** Equal for JSON values that say the same: the order of keys says nothing. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
