import type { CellRuleDefinition, PermissionLine, PrincipalValueName, RoleDefinition } from '@countersign/policy';
import { builtinCatalogue, type Catalogue, type CatalogueObject, createCatalogue } from '@countersign/schema';

/*
 * Everything that an answer depends on, as one JSON value: what exists, what is stored, who may what. A world can be made
 * from a seed, or kept in a file.
 */

/**
 * One record by member name, in the text form of the conditions' language. A to-one relation holds an id, a JSON field its
 * JSON text. An id may be written as `@user:2` or `@person:2`: those of the third person of the world.
 */
export type WorldRow = Readonly<Record<string, string | number | boolean | null>>;

export interface WorldGroup {
  readonly name: string;
  readonly access: 'read' | 'read-write';
  readonly conditions: readonly { readonly object: string; readonly condition: unknown }[];
  /** Names of roles whose holders are in the group. */
  readonly roles: readonly string[];
}

export interface WorldPerson {
  readonly name: string;
  readonly audience: 'staff' | 'portal';
  readonly roles: readonly string[];
  /** Names of groups that the person is in, besides those of their roles. */
  readonly groups: readonly string[];
  readonly account: string | null;
  readonly region: string | null;
}

export interface World {
  /** What made it, for whoever reads about a difference. */
  readonly origin: string;
  /** The generated objects, and those of the built-in ones that were given further members. */
  readonly objects: readonly CatalogueObject[];
  readonly rows: Readonly<Record<string, readonly WorldRow[]>>;
  readonly roles: readonly RoleDefinition[];
  readonly lines: readonly Omit<PermissionLine, 'id'>[];
  readonly sharing: readonly { readonly object: string; readonly sharing: 'open' | 'groups-only' }[];
  readonly groups: readonly WorldGroup[];
  /** Fields that holders of a role see in some records only; left out in worlds that are older than such rules. */
  readonly cells?: readonly Omit<CellRuleDefinition, 'id'>[];
  readonly people: readonly WorldPerson[];
}

export type PrincipalFacts = Readonly<Record<PrincipalValueName, string | null>>;

/** Built-in objects that every world has: sign-ins and policies are records of theirs, and accounts are what they name. */
export function groundObjects(): CatalogueObject[] {
  const all = [...builtinCatalogue().objects.values()].filter(
    ({ kind, name }) => kind === 'system' || name === 'Account',
  );
  const names = new Set(all.map(({ name }) => name));
  return all.map((object) => ({
    ...object,
    members: object.members.filter((member) => member.kind === 'field' || names.has(member.target)),
  }));
}

/** The catalogue of a world. Throws CatalogueInvalid for a world that contradicts itself. */
export function catalogueOf(world: Pick<World, 'objects'>): Catalogue {
  const own = new Set(world.objects.map(({ name }) => name));
  return createCatalogue([...world.objects, ...groundObjects().filter(({ name }) => !own.has(name))]);
}
