import type { SeeLevel } from '@countersign/policy';
import type { CatalogueField, MaskForm } from '@countersign/schema';

/**
 * The JSON text of a field, as an SQL expression that is never NULL. `column` is the field's column, or an expression
 * in its place.
 */
export function valueText(field: CatalogueField, column: string, see: SeeLevel): string {
  if (see === 'none') return "'null'";
  if (see === 'masked') return field.mask ? nullable(`to_json(${maskedText(field.mask, column)})::text`) : "'null'";
  const text = clearText(field, column);
  return field.nullable || mayBeInfinite(field) ? nullable(text) : text;
}

/** PostgreSQL knows infinite days and instants. Nothing here writes them, but a NULL would take the record with it. */
function mayBeInfinite({ type }: CatalogueField): boolean {
  return type.kind === 'date' || type.kind === 'timestamp';
}

function nullable(text: string): string {
  return `coalesce(${text},'null')`;
}

/** One text form for each type; the memory form of the same value is the same text. */
function clearText({ type }: CatalogueField, column: string): string {
  switch (type.kind) {
    case 'text':
      return `to_json(${column})::text`;
    case 'uuid':
    case 'decimal':
      return `'"'||${column}::text||'"'`;
    case 'enum':
      return `'"'||${column}||'"'`;
    case 'integer':
    case 'boolean':
    case 'json':
      return `${column}::text`;
    case 'date':
      return `to_char(${column},'"\\""YYYY-MM-DD"\\""')`;
    case 'timestamp':
      return `to_char(${column} at time zone 'UTC','"\\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\\""')`;
  }
}

/** The masked form, or NULL for NULL. Short values lose everything, so that a mask never shows most of a value. */
export function maskedText(form: MaskForm, column: string): string {
  switch (form) {
    case 'last4':
      return `case when length(${column})>=8 then '••••'||right(${column},4) when ${column} is not null then '••••' end`;
    case 'initial':
      return `left(${column},1)||'•••'`;
    case 'email':
      return `case when strpos(${column},'@')>1 then left(${column},1)||'•••'||substr(${column},strpos(${column},'@')) when ${column} is not null then '•••' end`;
  }
}

/** The text by which a cursor remembers a sort value; cast back in one of our sessions, it is the same value. */
export function cursorKeyText(field: CatalogueField, column: string): string {
  const text = `to_json(${column}::text)::text`;
  return field.nullable ? nullable(text) : text;
}
