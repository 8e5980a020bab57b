import type { CatalogueField } from '@countersign/schema';

/** As SQL, another value than the one that is there. */
export function otherValue({ column, type }: CatalogueField): string {
  switch (type.kind) {
    case 'text':
      return `left('Q' || upper(md5(id::text || '${column}')), ${type.maxLength})`;
    case 'integer':
    case 'decimal':
      return `coalesce(${column}, 0) + 1`;
    case 'date':
      return `coalesce(${column}, date '2020-01-01') + 1`;
    case 'timestamp':
      return `coalesce(${column}, timestamptz '2020-01-01Z') + interval '1 day'`;
    case 'boolean':
      return `not coalesce(${column}, false)`;
    case 'enum':
      return `case when ${column} = '${type.values[0]}' then '${type.values[1]}' else '${type.values[0]}' end`;
    case 'uuid':
      return column;
    case 'json':
      return `'{"other": [1e300, null, "\\u0001"]}'::jsonb`;
  }
}

/** As SQL, the most extreme value that the column takes; what a comparison would stumble over. */
export function extremeValue({ column, type }: CatalogueField): string {
  switch (type.kind) {
    case 'text':
      return `left(chr(1) || '''"\\{}[],;:%_' || chr(8232) || md5(id::text || '${column}'), ${type.maxLength})`;
    case 'integer':
      return type.max === undefined ? '2147483647' : String(type.max);
    case 'decimal':
      return `${'9'.repeat(type.precision - type.scale)}${type.scale ? `.${'9'.repeat(type.scale)}` : ''}`;
    case 'date':
      return "date '9999-12-31'";
    case 'timestamp':
      return "timestamptz '9999-12-31T23:59:59.999Z'";
    default:
      return otherValue({ column, type } as CatalogueField);
  }
}

/** So that values can be worse than any that the gateway would store. */
export const WITHOUT_CHECKS = `do $$ declare each record; begin
  for each in select conrelid::regclass as "table", conname from pg_constraint
    where contype = 'c' and connamespace = 'countersign'::regnamespace
  loop execute format('alter table %s drop constraint %I', each."table", each.conname); end loop;
end $$`;
