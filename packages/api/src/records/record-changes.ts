import { canonicalJson } from '@countersign/crypto';
import { inputName, memberOf, storedMembers } from '@countersign/schema';
import type { ImageValue, RecordImage } from '../database/record-image';
import type { DecidedUnder } from '../path/rooms';
import { type Change, inputPlace, type RecordWrite, type UserError, type WriteMeta } from './change';
import { failedChecks, type ObjectCheck } from './object-checks';

/** Each change with the record before and after it. An update that changes nothing has the same image on both sides. */
export function recordWrites(
  { principal }: Pick<DecidedUnder, 'principal'>,
  changes: readonly Change[],
  locked: ReadonlyMap<string, RecordImage>,
  { now }: WriteMeta,
): RecordWrite[] {
  const by = principal.values.userId ?? principal.values.clientId;
  const at = now.toISOString();
  return changes.map((change) => {
    if (change.verb === 'create') {
      const common = { id: change.id, version: 1, createdAt: at, updatedAt: at, createdBy: by, updatedBy: by };
      return { change, before: null, after: { ...change.values, ...common } };
    }
    const before = locked.get(change.id)!;
    if (change.verb === 'delete') return { change, before, after: null };
    const changed = Object.entries(change.values).filter(([name, value]) => !sameValue(before[name] ?? null, value));
    if (changed.length === 0) return { change, before, after: before };
    const common = { version: Number(before.version) + 1, updatedAt: at, updatedBy: by };
    return { change, before, after: { ...before, ...Object.fromEntries(changed), ...common } };
  });
}

/** What does not fit together within a record as it would be. */
export function misfits({ authority }: Pick<DecidedUnder, 'authority'>, writes: readonly RecordWrite[]): UserError[] {
  return writes.flatMap(({ change, after }) =>
    after === null || change.verb === 'delete'
      ? []
      : failedChecks(change.object.name, after).map((check) => misfit(change, check, authority)),
  );
}

function misfit(change: Change, check: ObjectCheck, { table }: DecidedUnder['authority']): UserError {
  const { object, given, place } = change;
  // Which members clash, and how, is told to those only who see all of them.
  if (check.members.some((name) => table.see(object.name, name) !== 'clear')) {
    return { code: 'INVALID', field: inputPlace(place), message: 'These values do not go together.' };
  }
  const member = memberOf(object, check.members.find((name) => given.includes(name)) ?? check.members[0]!);
  const name = member && member.kind !== 'to-many' ? inputName(member) : undefined;
  return { code: 'INVALID', field: inputPlace(place, name), message: check.message };
}

/** Equality of stored values; JSON values are equal whatever the order of their keys. */
export function sameValue(a: ImageValue, b: ImageValue): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  return canonicalJson(a) === canonicalJson(b);
}

/** Equality of images, member by member. */
export function sameImage(object: Change['object'], a: RecordImage, b: RecordImage): boolean {
  return storedMembers(object).every(({ name }) => sameValue(a[name] ?? null, b[name] ?? null));
}
