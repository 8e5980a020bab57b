import { memberOf, objectOf } from '@countersign/schema';
import type { DecidedUnder } from '../../path/rooms';
import type { ProtectedRead } from '../audit';
import type { ShownItem } from './shown-items';

/** What of shown items leaves a trace before it is answered: cardholder data, and of which records. Null for none. */
export function protectedItems(
  { snapshot: { catalogue } }: Pick<DecidedUnder, 'snapshot'>,
  items: readonly ShownItem[],
): Pick<ProtectedRead, 'coordinates' | 'ids'> | null {
  const [coordinates, ids] = [new Set<string>(), new Set<string>()];
  for (const { object, recordId, fields } of items) {
    if (object === null) continue;
    for (const { name, old, proposed, current } of fields) {
      const member = memberOf(objectOf(catalogue, object), name);
      if (member?.kind !== 'field' || !member.tags.includes('cardholder')) continue;
      if (old === null && proposed === null && current === null) continue;
      coordinates.add(`${object}.${name}`);
      if (recordId !== null) ids.add(recordId);
    }
  }
  return coordinates.size > 0 ? { coordinates: [...coordinates].sort(), ids: [...ids] } : null;
}
