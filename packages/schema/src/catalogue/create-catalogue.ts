import { aggregateName } from '../graphql/aggregate-members';
import type { Catalogue, CatalogueMember, CatalogueObject } from './catalogue';
import { CatalogueInvalid, memberOf } from './catalogue';

const GRAPHQL_NAME = /^[A-Za-z][A-Za-z0-9]{0,62}$/;
/** Words of the condition language; a member of such a name could not be filtered by. */
const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'isNull']);
const SQL_NAME = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * Makes a frozen catalogue out of object definitions.
 *
 * Every name is checked here, once, so that the planner may print names into SQL and GraphQL without quoting them.
 * Throws {@link CatalogueInvalid} with every contradiction found.
 */
export function createCatalogue(definitions: readonly CatalogueObject[]): Catalogue {
  const objects = new Map<string, CatalogueObject>();
  const problems: string[] = [];
  const rootNames = new Set<string>();
  for (const object of definitions) {
    if (objects.has(object.name)) problems.push(`${object.name} is defined twice`);
    for (const root of [object.singular, object.plural, aggregateName(object.plural)]) {
      if (rootNames.has(root)) problems.push(`${object.name}: the root name ${root} is taken`);
      rootNames.add(root);
    }
    objects.set(object.name, deepFreeze(object));
  }
  for (const object of objects.values()) problems.push(...problemsOf(object, objects));
  if (problems.length > 0) throw new CatalogueInvalid(problems);
  return Object.freeze({ objects });
}

function problemsOf(object: CatalogueObject, objects: ReadonlyMap<string, CatalogueObject>): string[] {
  const problems: string[] = [];
  const say = (text: string) => problems.push(`${object.name}: ${text}`);
  for (const name of [object.name, object.singular, object.plural]) {
    if (!GRAPHQL_NAME.test(name)) say(`${name} is not a usable GraphQL name`);
  }
  if (!SQL_NAME.test(object.table)) say(`${object.table} is not a usable table name`);

  const names = new Set<string>();
  for (const member of object.members) {
    const where = `${object.name}.${member.name}`;
    const taken = [member.name, ...besideIt(member)];
    for (const name of taken) {
      if (names.has(name)) problems.push(`${where}: the name ${name} is taken`);
      names.add(name);
    }
    if (RESERVED.has(member.name)) problems.push(`${where} is a word of the condition language`);
    if (!GRAPHQL_NAME.test(member.name)) problems.push(`${where} is not a usable GraphQL name`);
    if (member.kind !== 'to-many' && !SQL_NAME.test(member.column))
      problems.push(`${where}: bad column ${member.column}`);
    if (member.kind === 'field') {
      if (member.mask && member.type.kind !== 'text') problems.push(`${where}: only text fields have a mask form`);
      if (member.type.kind === 'enum') {
        if (member.type.values.length === 0) problems.push(`${where}: an enum needs values`);
        for (const value of member.type.values) {
          if (!GRAPHQL_NAME.test(value.replace(/_/g, ''))) problems.push(`${where}: bad enum value ${value}`);
        }
      }
      continue;
    }
    const target = objects.get(member.target);
    if (!target) {
      problems.push(`${where} leads to ${member.target}, which does not exist`);
    } else if (member.kind === 'to-many') {
      const back = memberOf(target, member.via);
      if (back?.kind !== 'to-one' || back.target !== object.name) {
        problems.push(`${where}: ${member.target}.${member.via} does not lead back`);
      }
    }
  }
  for (const needed of ['id', 'version']) {
    if (memberOf(object, needed)?.kind !== 'field') say(`has no field ${needed}`);
  }
  if (object.scopeVia && memberOf(object, object.scopeVia)?.kind !== 'to-one') {
    say(`scopeVia ${object.scopeVia} is not a to-one relation`);
  }
  if (object.subjectVia && object.subjectVia !== 'id' && memberOf(object, object.subjectVia)?.kind !== 'to-one') {
    say(`subjectVia ${object.subjectVia} is not a to-one relation`);
  }
  for (const unique of object.uniques) {
    for (const name of unique) {
      const member = memberOf(object, name);
      if (!member || member.kind === 'to-many') say(`unique over ${name}, which has no column`);
    }
  }
  return problems;
}

/** The names that GraphQL gives to what stands beside a relation: the id of a parent, the aggregate of children. */
function besideIt({ kind, name }: CatalogueMember): string[] {
  if (kind === 'field') return [];
  return [kind === 'to-one' ? `${name}Id` : aggregateName(name)];
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
