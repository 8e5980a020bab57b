import { memberOf, objectOf, type StoredMember } from '@countersign/schema';
import type { ImageValue, RecordImage } from '../../database/record-image';
import type { DecidedUnder } from '../../path/rooms';
import type { PendingItem } from './pending-payload';

/** One field of a pending change as somebody may see it. */
export interface ShownField {
  readonly name: string;
  readonly see: 'NONE' | 'MASKED' | 'CLEAR';
  /** What the maker found, what they ask for and what is there now; null unless seen in the clear. */
  readonly old: ImageValue;
  readonly proposed: ImageValue;
  readonly current: ImageValue;
}

export interface ShownItem {
  /** Null for what they may not read. */
  readonly object: string | null;
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly recordId: string | null;
  readonly fields: readonly ShownField[];
}

const LEVELS = { none: 'NONE', masked: 'MASKED', clear: 'CLEAR' } as const;

/** Items by the rights of who looks. Objects and records that they may not read are counted and no more. */
export function shownItems(
  { authority: { table }, snapshot: { catalogue } }: DecidedUnder,
  items: readonly PendingItem[],
  images: ReadonlyMap<string, RecordImage | null>,
  mayShow: (item: PendingItem) => boolean,
  mayShowCell: (record: string, member: string, object: string) => boolean,
): ShownItem[] {
  return items.map((item): ShownItem => {
    const { verb, object, id, values, given, base } = item;
    const action = verb.toUpperCase() as ShownItem['action'];
    if (!table.readable(object) || !mayShow(item)) return { object: null, action, recordId: null, fields: [] };
    const current = images.get(id) ?? null;
    const fields = given.flatMap((name): ShownField[] => {
      const member = memberOf(objectOf(catalogue, object), name);
      if (!member || member.kind === 'to-many') return [];
      const level = levelOf(table, object, member);
      if (level === 'none' || !mayShowCell(id, name, object)) return [];
      const shown = (value: ImageValue | undefined) => (level === 'clear' ? (value ?? null) : null);
      return [
        {
          name,
          see: LEVELS[level],
          old: shown(base?.values[name]),
          proposed: shown(values[name]),
          current: shown(current?.[name]),
        },
      ];
    });
    return { object, action, recordId: id, fields };
  });
}

/** A relation shows the id of a record, so its object has to be readable as well. */
function levelOf(table: DecidedUnder['authority']['table'], object: string, member: StoredMember) {
  const level = table.see(object, member.name);
  return member.kind === 'to-one' && !table.readable(member.target) ? 'none' : level;
}
