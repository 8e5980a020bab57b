import type { CatalogueObject, FieldType, StoredMember } from '@countersign/schema';
import { builtinCatalogue, builtinClasses, memberOf, objectOf, storedMembers } from '@countersign/schema';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../../test/harness';

interface Column {
  readonly type: string;
  readonly nullable: boolean;
  readonly collation: string | null;
  readonly default: string | null;
}

const catalogue = builtinCatalogue();
const objects = [...catalogue.objects.values()];
const tables = objects.filter((object) => object.name !== 'AuditEntry');
const stored = tables.flatMap((object) => storedMembers(object).map((member) => ({ object, member })));
const inherited = ['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy'];

let database: TestDatabase;
let client: Client;
/** `table.column` -> what PostgreSQL says about it. */
const columns = new Map<string, Column>();
/** Constraint name -> its definition. */
const constraints = new Map<string, string>();

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.ownerUrl });
  await client.connect();
  const found = await client.query(`
    select c.relname || '.' || a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
      not a.attnotnull as nullable, l.collname as collation, pg_get_expr(d.adbin, d.adrelid) as default
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_collation l on l.oid = a.attcollation
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = 'countersign'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0`);
  for (const { name, ...column } of found.rows) columns.set(name, column);
  const checks = await client.query(`
    select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
    where connamespace = 'countersign'::regnamespace`);
  for (const { name, definition } of checks.rows) constraints.set(name, definition);
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const columnOf = ({ table }: CatalogueObject, { column }: StoredMember) => columns.get(`${table}.${column}`);
const checkOf = ({ table }: CatalogueObject, { column }: StoredMember) => constraints.get(`${table}_${column}_check`);

function sqlType(type: FieldType): string {
  switch (type.kind) {
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`;
    case 'timestamp':
      return 'timestamp(3) with time zone';
    case 'enum':
      return 'text';
    case 'json':
      return 'jsonb';
    default:
      return type.kind;
  }
}

test('every field and to-one relation has its column, of the right type, and null only where the catalogue says so', () => {
  expect(stored.length).toBeGreaterThan(300);
  for (const { object, member } of stored) {
    const type = member.kind === 'to-one' ? 'uuid' : sqlType(member.type);
    const where = `${object.table}.${member.column}`;
    expect({ where, ...columnOf(object, member) }).toMatchObject({ where, type, nullable: member.nullable });
  }
});

test('the tables hold no column that the catalogue does not know, but for the MAC of rows that give rights', () => {
  for (const object of tables) {
    const known = storedMembers(object).map((member) => member.column);
    const actual = [...columns.keys()].filter((name) => name.startsWith(`${object.table}.`));
    const unknown = actual.map((name) => name.slice(object.table.length + 1)).filter((name) => !known.includes(name));
    expect([object.name, unknown]).toEqual([object.name, object.authenticated ? ['mac'] : []]);
  }
});

test('the audit view shows every field of an audit entry in its type', () => {
  const entry = objectOf(catalogue, 'AuditEntry');
  for (const member of storedMembers(entry)) {
    if (member.kind === 'field') expect(columnOf(entry, member)).toMatchObject({ type: sqlType(member.type) });
  }
});

test('every column of text in the schema compares by bytes', () => {
  const texts = [...columns].filter(([name, column]) => column.type === 'text' && !name.startsWith('migration.'));
  expect(texts.length).toBeGreaterThan(100);
  expect(texts.filter(([, column]) => column.collation !== 'C').map(([name]) => name)).toEqual([]);
});

test('the database accepts exactly the enum values of the catalogue', () => {
  for (const { object, member } of stored) {
    if (member.kind !== 'field' || member.type.kind !== 'enum') continue;
    const values = [...(checkOf(object, member) ?? '').matchAll(/'([A-Z_]+)'::text/g)].map((match) => match[1]);
    expect([`${object.name}.${member.name}`, values]).toEqual([
      `${object.name}.${member.name}`,
      [...member.type.values],
    ]);
  }
  const audited = memberOf(objectOf(catalogue, 'AuditEntry'), 'action');
  const values = [...(constraints.get('audit_entry_action_check') ?? '').matchAll(/'([A-Z_]+)'::text/g)];
  expect(audited).toMatchObject({ type: { values: values.map((match) => match[1]) } });
});

test('the database holds text to the length or the pattern of the catalogue', () => {
  for (const { object, member } of stored) {
    if (member.kind !== 'field' || member.type.kind !== 'text') continue;
    const { pattern, maxLength } = member.type;
    const check = checkOf(object, member) ?? '';
    const expected = pattern ? `~ '${pattern}'::text` : `(char_length(${member.column}) <= ${maxLength})`;
    expect([`${object.name}.${member.name}`, check]).toEqual([
      `${object.name}.${member.name}`,
      expect.stringContaining(expected),
    ]);
  }
});

test('the database holds numbers to the bounds of the catalogue', () => {
  for (const { object, member } of stored) {
    if (member.kind !== 'field' || !(member.type.kind === 'integer' || member.type.kind === 'decimal')) continue;
    const { min, max } = { max: undefined, ...member.type };
    const check = checkOf(object, member) ?? '';
    const where = `${object.name}.${member.name}`;
    const bounds = [/>= \(?(-?\d+)/.exec(check)?.[1], /<= \(?(-?\d+)/.exec(check)?.[1]];
    if (where === 'ContractRate.discountPercent') bounds[1] = undefined; // a percentage has no bound in the catalogue
    expect([where, ...bounds]).toEqual([where, min?.toString(), max?.toString()]);
  }
});

test('a default of the catalogue is the default of the column', async () => {
  let compared = 0;
  for (const { object, member } of stored) {
    if (member.kind !== 'field' || inherited.includes(member.name)) continue;
    const column = columnOf(object, member);
    const where = `${object.name}.${member.name}`;
    if (column?.default == null || member.default === undefined) {
      expect([where, column?.default ?? undefined]).toEqual([where, member.default]);
      continue;
    }
    const { rows } = await client.query(`select (${column.default})::${column.type} = $1::${column.type} as same`, [
      member.default,
    ]);
    expect([where, rows[0].same]).toEqual([where, true]);
    compared++;
  }
  expect(compared).toBeGreaterThan(15);
});

test('what the catalogue calls unique is a constraint that is named after its table', async () => {
  const { rows } = await client.query(`
    select k.conname as name, t.relname as "table", array(select a.attname::text from unnest(k.conkey) with ordinality u(n, o)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by u.o) as columns
    from pg_constraint k join pg_class t on t.oid = k.conrelid
    where k.connamespace = 'countersign'::regnamespace and k.contype = 'u'`);
  const actual = rows.map(({ table, columns: names }) => `${table}(${names})`).sort();
  const expected = tables.flatMap((object) =>
    object.uniques.map((unique) => {
      const names = unique.map((name) => memberOf(object, name) as StoredMember).map((member) => member.column);
      return `${object.table}(${names})`;
    }),
  );
  expect(actual).toEqual(expected.sort());
  expect(rows.filter(({ name, table }) => !name.startsWith(`${table}_`) || !name.endsWith('_key'))).toEqual([]);
});

test('every relation is a foreign key that restricts deletion and has an index', async () => {
  const { rows } = await client.query(`
    select t.relname || '.' || a.attname as column, k.confrelid::regclass::text as target, k.confdeltype as on_delete,
      exists (select from pg_index i where i.indrelid = k.conrelid and i.indkey[0] = a.attnum) as indexed
    from pg_constraint k join pg_class t on t.oid = k.conrelid
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    where k.connamespace = 'countersign'::regnamespace and k.contype = 'f'`);
  const found = new Map(rows.map(({ column, ...rest }) => [column, rest]));
  for (const { object, member } of stored) {
    if (member.kind !== 'to-one') continue;
    const target = `countersign.${objectOf(catalogue, member.target).table}`;
    const where = `${object.table}.${member.column}`;
    expect({ where, ...found.get(where) }).toEqual({ where, target, on_delete: 'r', indexed: true });
    found.delete(where);
  }
  expect([...found.keys()].sort()).toEqual(['pending_payload.pending_change_id', 'user_credential.user_id']);
});

test('no table or column of the catalogue needs quoting in SQL', async () => {
  const { rows } = await client.query(`select word from pg_get_keywords() where catcode in ('R', 'T')`);
  const reserved = new Set(rows.map(({ word }) => word));
  const names = objects.flatMap((object) => [object.table, ...storedMembers(object).map((member) => member.column)]);
  expect(names.filter((name) => reserved.has(name))).toEqual([]);
  for (const object of objects) {
    const list = storedMembers(object).map((member) => member.column);
    await client.query(`select ${list} from countersign.${object.table} order by ${list.at(-1)}, id`);
  }
});

test('TypeORM agrees with the catalogue about every table and column without being connected', async () => {
  class Unconnected extends DataSource {
    override buildMetadatas(): Promise<void> {
      return super.buildMetadatas();
    }
  }
  const source = new Unconnected({ type: 'postgres', entities: builtinClasses });
  await source.buildMetadatas();
  expect(source.entityMetadatas).toHaveLength(objects.length);
  for (const object of objects) {
    const metadata = source.getMetadata(object.name);
    expect(metadata.tableName).toBe(object.table);
    const names = metadata.columns.map((column) => column.databaseName);
    expect(names.sort()).toEqual(
      storedMembers(object)
        .map((member) => member.column)
        .sort(),
    );
    const relations = object.members.filter((member) => member.kind !== 'field').map((member) => member.name);
    expect(metadata.relations.map((relation) => relation.propertyName).sort()).toEqual(relations.sort());
  }
});
