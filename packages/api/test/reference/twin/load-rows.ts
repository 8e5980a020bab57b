import { type Catalogue, type CatalogueObject, type FieldType, storedMembers } from '@countersign/schema';
import { DataSource, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { JsonText } from './json-text';

/** One record by member name, as conditions take it: a to-one relation holds an id, a JSON field its text. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** Every record of every object, in no order that anything may rely on. */
export type AllRows = ReadonlyMap<string, readonly Row[]>;

type Entity = Record<string, string | null>;

/** No member of an entity may be called like what every JavaScript object inherits. */
const property = (member: string) => `_${member}`;

/**
 * Loads everything there is through TypeORM, by entity schemas made from the catalogue; no object needs a class.
 * PostgreSQL's own text of each value is asked for, so nothing on the way can round, shift or reorder one.
 */
export async function loadRows(url: string, catalogue: Catalogue): Promise<AllRows> {
  const objects = [...catalogue.objects.values()];
  const schemas = objects.map(entitySchemaOf);
  const source = new DataSource({
    type: 'postgres',
    url,
    schema: 'countersign',
    entities: schemas,
    synchronize: false,
    installExtensions: false,
    logging: false,
    extra: { options: '-c timezone=UTC -c datestyle=ISO', types: { getTypeParser: () => (text: string) => text } },
  });
  await source.initialize();
  try {
    const all = new Map<string, readonly Row[]>();
    for (const [index, object] of objects.entries()) {
      const entities = await source.getRepository<Entity>(schemas[index]!).find();
      all.set(
        object.name,
        entities.map((entity) => rowOf(object, entity)),
      );
    }
    return all;
  } finally {
    await source.destroy();
  }
}

function entitySchemaOf(object: CatalogueObject): EntitySchema<Entity> {
  const columns = storedMembers(object).map(({ name, column }): [string, EntitySchemaColumnOptions] => {
    return [property(name), { name: column, type: 'text', nullable: true, primary: name === 'id' }];
  });
  return new EntitySchema<Entity>({ name: object.name, tableName: object.table, columns: Object.fromEntries(columns) });
}

function rowOf(object: CatalogueObject, entity: Entity): Row {
  const row: Record<string, unknown> = Object.create(null);
  for (const member of storedMembers(object)) {
    const text = entity[property(member.name)] ?? null;
    row[member.name] = text === null || member.kind === 'to-one' ? text : readValue(member.type, text);
  }
  return row as Row;
}

function readValue(type: FieldType, text: string): unknown {
  switch (type.kind) {
    case 'integer':
      return Number(text);
    case 'boolean':
      return text === 't';
    case 'timestamp': {
      // 2024-03-31 01:30:00.12+00
      const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?\+00$/.exec(text);
      if (!parts) throw new Error(`PostgreSQL wrote an instant as ${text}`);
      return `${parts[1]}T${parts[2]}.${(parts[3] ?? '').padEnd(3, '0')}Z`;
    }
    case 'json':
      return new JsonText(text);
    default:
      return text;
  }
}
