const SEALED = /^[A-Za-z0-9_-]{40,}$/;

/** The cursors of an answer below every place of a response key, or of the whole answer. */
export function harvestCursors(text: string, key: string | null): string[] {
  const found = new Set<string>();
  const walk = (value: unknown, inside: boolean): void => {
    if (typeof value === 'string' && inside && SEALED.test(value)) found.add(value);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) walk(inner, inside || name === key);
  };
  walk((JSON.parse(text) as { data?: unknown }).data, key === null);
  return [...found];
}
