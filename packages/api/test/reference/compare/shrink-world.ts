import { type CatalogueObject, storedMembers } from '@countersign/schema';
import type { World, WorldRow } from '../worlds/world';
import { catalogueOf } from '../worlds/world';

/** The world without the nth of something; null when there are not so many. */
type Pass = (world: World, nth: number) => World | null;

/**
 * Drops objects, rows, lines, groups, people and members of a world for as long as it still shows what it is kept for.
 * Each try opens a gateway, so this is done only when a case is to be kept.
 */
export async function shrinkWorld(
  start: World,
  people: ReadonlySet<number>,
  shows: (smaller: World) => Promise<boolean>,
  milliseconds: number,
): Promise<World> {
  const end = Date.now() + milliseconds;
  let best = start;
  for (const pass of passes(people)) {
    for (let nth = 0; Date.now() < end; ) {
      const smaller = pass(best, nth);
      if (!smaller) break;
      // A world that contradicts itself shows nothing.
      if (await shows(smaller).catch(() => false)) best = smaller;
      else nth += 1;
    }
  }
  return best;
}

function* passes(people: ReadonlySet<number>): Generator<Pass> {
  yield (world, nth) => {
    // People keep their places: requests name them by it.
    const rest = world.people.map((one, index) => (people.has(index) ? one : { ...one, roles: [], groups: [] }));
    return nth === 0 && JSON.stringify(rest) !== JSON.stringify(world.people) ? { ...world, people: rest } : null;
  };
  yield ({ rows, ...world }, nth) => {
    const object = Object.keys(rows).filter((name) => rows[name]!.length > 0)[nth];
    return object === undefined ? null : withoutRows({ ...world, rows }, object, () => true);
  };
  yield (world, nth) => {
    const object = world.objects[nth];
    return object ? withoutObject(world, object.name) : null;
  };
  for (const size of [24, 8, 3, 1]) {
    for (const part of ['lines', 'groups', 'sharing', 'cells'] as const) {
      yield (world, nth) => {
        const all: readonly unknown[] = world[part] ?? [];
        const kept = all.filter((_, index) => index < nth * size || index >= (nth + 1) * size);
        return kept.length < all.length ? { ...world, [part]: kept } : null;
      };
    }
    yield (world, nth) => {
      const chunks = Object.entries(world.rows).flatMap(([object, rows]) => {
        return Array.from({ length: Math.ceil(rows.length / size) }, (_, chunk) => ({ object, chunk }));
      });
      const found = chunks[nth];
      if (!found) return null;
      return withoutRows(world, found.object, (_, index) => Math.floor(index / size) === found.chunk);
    };
  }
  yield (world, nth) => {
    const members = world.objects.flatMap((object) => object.members.map(({ name }) => ({ object, name })));
    const found = members.filter(({ name }) => name !== 'id' && name !== 'version')[nth];
    return found ? withoutMember(world, found.object, found.name) : null;
  };
}

function withoutObject(world: World, name: string): World {
  const pointing = (object: CatalogueObject) =>
    object.members.filter((one) => one.kind !== 'field' && one.target === name);
  let smaller = world;
  for (const object of world.objects) {
    for (const member of pointing(object)) smaller = withoutMember(smaller, object, member.name);
  }
  const { [name]: _, ...rows } = smaller.rows;
  return {
    ...smaller,
    objects: smaller.objects.filter((object) => object.name !== name),
    rows,
    lines: smaller.lines.filter(({ object }) => object !== name),
    sharing: smaller.sharing.filter(({ object }) => object !== name),
    cells: smaller.cells?.filter(({ object }) => object !== name),
    groups: smaller.groups.map((group) => ({
      ...group,
      conditions: group.conditions.filter(({ object }) => object !== name),
    })),
  };
}

function withoutMember(world: World, { name: owner }: CatalogueObject, member: string): World {
  const dropped = world.objects.find(({ name }) => name === owner)?.members.find(({ name }) => name === member);
  const keep = (object: CatalogueObject): CatalogueObject => {
    const { scopeVia, ...rest } = object;
    const members = object.members.filter((one) => {
      if (object.name === owner && one.name === member) return false;
      return !(dropped?.kind === 'to-one' && one.kind === 'to-many' && one.target === owner && one.via === member);
    });
    return { ...rest, members, ...(scopeVia && !(object.name === owner && scopeVia === member) ? { scopeVia } : {}) };
  };
  const rows = (world.rows[owner] ?? []).map(({ [member]: _, ...row }): WorldRow => row);
  return {
    ...world,
    objects: world.objects.map(keep),
    rows: { ...world.rows, [owner]: rows },
    lines: world.lines.filter(({ object, field }) => object !== owner || field !== member),
    cells: world.cells?.filter(({ object, field }) => object !== owner || field !== member),
  };
}

/** References to a dropped row become null, or their rows are dropped as well. */
function withoutRows(world: World, object: string, drops: (row: WorldRow, index: number) => boolean): World {
  const rows = world.rows[object] ?? [];
  const ids = new Set(rows.filter(drops).map(({ id }) => id));
  let smaller: World = { ...world, rows: { ...world.rows, [object]: rows.filter((row, index) => !drops(row, index)) } };
  for (const other of catalogueOf(world).objects.values()) {
    for (const { kind, name, nullable, ...member } of storedMembers(other)) {
      if (kind !== 'to-one' || !('target' in member) || member.target !== object) continue;
      const dangles = (row: WorldRow) => ids.has(row[name] as string);
      const pointing = smaller.rows[other.name] ?? [];
      if (!pointing.some(dangles)) continue;
      if (!nullable) smaller = withoutRows(smaller, other.name, dangles);
      else {
        const mended = pointing.map((row) => (dangles(row) ? { ...row, [name]: null } : row));
        smaller = { ...smaller, rows: { ...smaller.rows, [other.name]: mended } };
      }
    }
  }
  return smaller;
}
