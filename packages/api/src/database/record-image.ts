import { type CatalogueObject, type FieldType, storedMembers } from '@countersign/schema';

/** The value of one stored member in the one text form: decimals, dates, instants and ids are strings. */
export type ImageValue = string | number | boolean | null | { readonly [key: string]: unknown } | readonly unknown[];

/** What a record holds, by member name; a to-one relation holds the target's id. */
export type RecordImage = Readonly<Record<string, ImageValue>>;

/**
 * An SQL expression that gives a row's image as JSON text. Parse it with `JSON.parse`: nothing in it is a number that a
 * float could not hold.
 */
export function imageText(object: CatalogueObject, alias: string): string {
  const pairs = storedMembers(object).map((member) => {
    const column = `${alias}.${member.column}`;
    return `'${member.name}',${member.kind === 'field' ? imageValue(member.type, column) : column}`;
  });
  // jsonb_build_object takes at most 100 arguments.
  const parts: string[] = [];
  for (let i = 0; i < pairs.length; i += 45) parts.push(`jsonb_build_object(${pairs.slice(i, i + 45).join(',')})`);
  return `(${parts.join('||')})::text`;
}

function imageValue(type: FieldType, column: string): string {
  switch (type.kind) {
    case 'decimal':
      return `${column}::text`;
    case 'timestamp':
      return `to_char(${column} at time zone 'UTC','YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
    case 'date':
      return `to_char(${column},'YYYY-MM-DD')`;
    default:
      return column;
  }
}
