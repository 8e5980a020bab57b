import { type Catalogue, type FieldType, objectOf, type StoredMember, storedMembers } from '@countersign/schema';
import { type Client, escapeIdentifier } from 'pg';
import type { World, WorldRow } from './world';

/*
 * Tables of a world, written down by themselves: nothing here is shared with what the gateway prints.
 */

function columnType(type: FieldType): string {
  switch (type.kind) {
    case 'text':
    case 'enum':
      return 'text collate "C"';
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`;
    case 'timestamp':
      return 'timestamptz(3)';
    case 'json':
      return 'jsonb';
    default:
      return type.kind;
  }
}

function typeOf(member: StoredMember): FieldType {
  return member.kind === 'field' ? member.type : { kind: 'uuid' };
}

/** Creates the tables of the generated objects; those of the built-in ones are there already. */
export async function createTables(client: Client, catalogue: Catalogue): Promise<void> {
  for (const object of catalogue.objects.values()) {
    if (!object.table.startsWith('w_')) continue;
    const columns = storedMembers(object).map((member) => {
      const key = member.name === 'id' ? ' primary key' : member.nullable ? '' : ' not null';
      return `${escapeIdentifier(member.column)} ${columnType(typeOf(member))}${key}`;
    });
    const table = escapeIdentifier(object.table);
    await client.query(`create table ${table} (${columns.join(', ')})`);
    await client.query(`grant select, insert, update, delete on ${table} to public`);
  }
}

/** Puts rows into their tables; `idFor` says what an id like `@user:0` stands for. */
export async function fillTable(
  client: Client,
  catalogue: Catalogue,
  objectName: string,
  rows: World['rows'][string],
  idFor: (value: string) => string,
): Promise<void> {
  if (rows.length === 0) return;
  const object = objectOf(catalogue, objectName);
  const members = storedMembers(object).filter(({ name }) => rows[0]![name] !== undefined);
  const columns = members.map(({ column }) => escapeIdentifier(column));
  const arrays = members.map((member, index) => `$${index + 1}::${arrayType(typeOf(member))}`);
  const values = members.map((member) => rows.map((row) => textOf(member, row, idFor)));
  await client.query(
    `insert into ${escapeIdentifier(object.table)} (${columns.join(', ')}) select * from unnest(${arrays.join(', ')})`,
    values,
  );
}

function arrayType(type: FieldType): string {
  if (type.kind === 'text' || type.kind === 'enum') return 'text[]';
  return `${type.kind === 'decimal' ? 'numeric' : columnType(type)}[]`;
}

function textOf(member: StoredMember, row: WorldRow, idFor: (value: string) => string): string | null {
  const value = row[member.name] ?? null;
  if (value === null) return null;
  return typeOf(member).kind === 'uuid' ? idFor(String(value)) : String(value);
}
