/** JSON text that is passed through as it is. A branded object: no string of a client can pose as one. */
export class RawJson {
  constructor(readonly text: string) {}
}

/** Prints an answer as JSON, raw text as it is at any depth. */
export function stringifyWithRaw(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => stringifyWithRaw(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object' || typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return JSON.stringify(value) ?? 'null';
  }
  const members: string[] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) members.push(`${JSON.stringify(key)}:${stringifyWithRaw(inner)}`);
  }
  return `{${members.join(',')}}`;
}
