import {
  type CatalogueField,
  type CatalogueMember,
  type CatalogueObject,
  type FieldType,
  snakeCase,
  type Tag,
  type ToManyRelation,
  type ToOneRelation,
} from '@countersign/schema';
import type { Chance } from './chance';
import { groundObjects } from './world';

const NOUNS = ['Order', 'Widget', 'Ledger', 'Batch', 'Parcel', 'Quote', 'Lease', 'Meter', 'Depot', 'Voucher', 'Permit'];

/** Plain names, words of SQL, of the condition language and of connections, and what every JavaScript object inherits. */
const FIELD_NAMES = [
  ...['title', 'code', 'note', 'amount', 'rate', 'since', 'seenAt', 'day', 'flag', 'extra', 'ref', 'street', 'zip'],
  ...['order', 'select', 'user', 'group', 'desc', 'rn', 'data', 'h', 't1', 'from'],
  ...['some', 'none', 'eq', 'in', 'nodes', 'edges', 'cursor', 'pageInfo', 'totalCount', 'first', 'where', 'orderBy'],
  ...['kind', 'value', 'path', 'length', 'then', 'toJSON', 'items'],
];
const PARENT_NAMES = ['parent', 'owner', 'source', 'holder', 'site', 'origin', 'target', 'basis'];
const ENUM_VALUES = ['OPEN', 'PAID', 'DRAFT', 'a_low', 'Zed', 'Z9', 'VOID', 'x'];

/** Names that built-in objects may be pointed at by; relations to them get an inverse there. */
const POINTED_AT = ['Account', 'Account', 'Person'];

function field(name: string, type: FieldType, nullable: boolean): CatalogueField {
  return { kind: 'field', name, column: snakeCase(name), type, nullable, write: 'always', tags: [], description: name };
}

function fieldType(chance: Chance, enumName: string): FieldType {
  const precision = chance.between(4, 20);
  return chance.weighted<FieldType>([
    [8, { kind: 'text', maxLength: 200 }],
    [3, { kind: 'integer' }],
    [3, { kind: 'decimal', precision, scale: chance.int(Math.min(precision, 7)) }],
    [2, { kind: 'boolean' }],
    [2, { kind: 'date' }],
    [3, { kind: 'timestamp' }],
    [3, { kind: 'enum', name: enumName, values: chance.some(ENUM_VALUES, chance.between(2, 5)) }],
    [1, { kind: 'json' }],
    [2, { kind: 'uuid' }],
  ]);
}

function generateField(chance: Chance, object: string, name: string): CatalogueField {
  const type = fieldType(chance, `${object}${name.charAt(0).toUpperCase()}${name.slice(1)}Kind`);
  const tags: Tag[] = [];
  if (chance.percent(9)) tags.push('cardholder');
  if (chance.percent(15)) tags.push('personal');
  const masked = type.kind === 'text' && chance.percent(50);
  return {
    ...field(name, type, chance.percent(60)),
    tags,
    ...(masked ? { mask: chance.pick(['last4', 'initial', 'email'] as const) } : {}),
  };
}

function generateParent(chance: Chance, name: string, target: string): ToOneRelation {
  return {
    kind: 'to-one',
    name,
    target,
    column: `${snakeCase(name)}_id`,
    nullable: chance.percent(60),
    write: 'always',
    tags: [],
    description: name,
  };
}

/**
 * Five to eight objects over every field type, with relations among themselves, to accounts, to persons and to
 * themselves; and the built-in objects that these relations come back from.
 */
export function generateObjects(chance: Chance): CatalogueObject[] {
  const names = chance.some(NOUNS, chance.between(5, 8));
  const inverses = new Map<string, ToManyRelation[]>();
  const made = names.map((name, index): CatalogueObject => {
    const fields = chance.some(FIELD_NAMES, chance.between(4, 9)).map((one) => generateField(chance, name, one));
    const earlier = names.slice(0, index);
    const parents = chance.some(PARENT_NAMES, chance.between(index === 0 ? 0 : 1, 3)).map((parentName) => {
      const near = earlier.length > 0 ? earlier : [name];
      const target = chance.weighted([
        [6, chance.pick(near)],
        [2, name],
        [2, chance.pick(names)],
        [3, chance.pick(POINTED_AT)],
      ]);
      const parent = generateParent(chance, parentName, target);
      if (chance.percent(80)) {
        const back: ToManyRelation = {
          kind: 'to-many',
          name: `${parentName}Of${name}s`,
          target: name,
          via: parentName,
          description: `The other side of ${name}.${parentName}`,
        };
        inverses.set(target, [...(inverses.get(target) ?? []), back]);
      }
      return parent;
    });
    const plural = `${name.charAt(0).toLowerCase()}${name.slice(1)}s`;
    const members: CatalogueMember[] = [
      field('id', { kind: 'uuid' }, false),
      field('version', { kind: 'integer' }, false),
      ...chance.shuffled<CatalogueMember>([...fields, ...parents]),
    ];
    return {
      name,
      singular: plural.slice(0, -1),
      plural,
      table: `w_${snakeCase(plural)}`,
      kind: chance.percent(70) ? 'custom' : 'billing',
      description: name,
      members,
      verbs: [],
      ...(parents.length > 0 && chance.percent(65) ? { scopeVia: chance.pick(parents).name } : {}),
      uniques: [],
      authenticated: false,
    };
  });
  const given = groundObjects().filter(({ name }) => inverses.has(name));
  return [...made, ...given].map((object) => ({
    ...object,
    members: [...object.members, ...(inverses.get(object.name) ?? [])],
  }));
}
