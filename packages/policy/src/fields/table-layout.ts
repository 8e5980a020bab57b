import type { Catalogue, CatalogueMember } from '@countersign/schema';

/** Where the cells of one object lie: `start` is the object's own cell (its actions), its members follow. */
export interface ObjectCells {
  readonly name: string;
  readonly start: number;
  readonly members: readonly CatalogueMember[];
  readonly cellOf: ReadonlyMap<string, number>;
}

/** Which cell of a vector belongs to which object and member: the same for all tables of one policy version. */
export interface TableLayout {
  readonly size: number;
  readonly objects: ReadonlyMap<string, ObjectCells>;
}

export function tableLayout(catalogue: Catalogue): TableLayout {
  const objects = new Map<string, ObjectCells>();
  let size = 0;
  for (const { name, members } of catalogue.objects.values()) {
    const start = size;
    const cellOf = new Map(members.map((member, index) => [member.name, start + 1 + index]));
    objects.set(name, { name, start, members, cellOf });
    size += 1 + members.length;
  }
  return { size, objects };
}
