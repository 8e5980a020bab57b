import { memberOf } from '@countersign/schema';
import type { DecidedUnder } from '../../path/rooms';
import type { ProtectedRead } from './gathered-reads';
import type { EntryRow, ShownEntry } from './show-entries';
import { isCardholder } from './trace-right';

/** What of a page of the log leaves a trace before it is answered: old and new cardholder data. Null for none. */
export function protectedEntries(
  { snapshot: { catalogue } }: Pick<DecidedUnder, 'snapshot'>,
  rows: readonly EntryRow[],
  shown: readonly ShownEntry[],
): Pick<ProtectedRead, 'coordinates' | 'ids'> | null {
  const [coordinates, ids] = [new Set<string>(), new Set<string>()];
  shown.forEach(({ changes }, index) => {
    const { objectName, recordId } = rows[index]!;
    const object = objectName === null ? undefined : catalogue.objects.get(objectName);
    for (const { field, before, after } of changes) {
      const member = object && memberOf(object, field);
      if (!object || !member || !isCardholder(member) || (before === null && after === null)) continue;
      coordinates.add(`${object.name}.${field}`);
      if (recordId !== null) ids.add(recordId);
    }
  });
  return coordinates.size > 0 ? { coordinates: [...coordinates].sort(), ids: [...ids] } : null;
}
