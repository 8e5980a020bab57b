/** JSON that is printed as the database wrote it: a JavaScript value would lose digits and the order of its keys. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** Prints an answer of graphql-js. */
export function printAnswer(value: unknown): string {
  if (value instanceof JsonText) return value.text;
  if (Array.isArray(value)) return `[${value.map(printAnswer).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${printAnswer(inner)}`)
    .join(',')}}`;
}

/** The text of one member of a JSON object, as it stands there; undefined when there is no such member. */
export function memberText(json: string, name: string): string | undefined {
  let depth = 0;
  let key: string | undefined;
  let from = -1;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') {
      const start = at;
      for (at += 1; json[at] !== '"'; at += 1) if (json[at] === '\\') at += 1;
      if (depth === 1 && from < 0) key = JSON.parse(json.slice(start, at + 1)) as string;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0 && from >= 0 && key === name) return json.slice(from, at);
    } else if (depth === 1 && character === ':' && from < 0) from = at + 1;
    else if (depth === 1 && character === ',') {
      if (key === name) return json.slice(from, at);
      from = -1;
    }
  }
  return undefined;
}
