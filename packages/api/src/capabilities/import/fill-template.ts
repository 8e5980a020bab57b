const PLACE = /\{([^{}]+)\}/g;

/** The columns that a template names. */
export function columnsOf(template: string): string[] {
  return [...template.matchAll(PLACE)].map(([, column]) => column!);
}

/** The template with the texts of a row in it; empty when it names columns and all of them are empty. */
export function fillTemplate(template: string, row: ReadonlyMap<string, string>): string {
  const columns = columnsOf(template);
  if (columns.length > 0 && columns.every((column) => textIn(row, column) === '')) return '';
  return template.replaceAll(PLACE, (_, column: string) => textIn(row, column)).trim();
}

/** The key of a template; empty when any of its columns is, because half a key is the key of something else. */
export function fillKey(template: string, row: ReadonlyMap<string, string>): string {
  return columnsOf(template).some((column) => textIn(row, column) === '') ? '' : fillTemplate(template, row);
}

export function textIn(row: ReadonlyMap<string, string>, column: string): string {
  return row.get(column)?.trim() ?? '';
}
