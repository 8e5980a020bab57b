/** A query of a document with the answer that the document shows for it. */
export interface Example {
  /** Line of the answer in the document, from 1. */
  readonly line: number;
  /** Who asks, by the first part of their address; null for somebody who has not signed in. */
  readonly who: string | null;
  readonly query: string;
  readonly variables?: unknown;
  readonly status: number;
  readonly answer: unknown;
}

const FENCE = /^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm;
const HTTP = /^HTTP\/1\.1 (\d{3}) [^\n]*\n\n/;

/**
 * The examples of a document: a block of graphql, whose first line may say who asks, after it perhaps a block `json
 * variables`, then the answer as `json`, or as `http` when its status is not 200. `json emea.support` is the answer of
 * the same query to somebody else.
 */
export function readExamples(markdown: string): Example[] {
  const examples: Example[] = [];
  let [who, query, variables]: [string | null, string, unknown] = [null, '', undefined];
  for (const found of markdown.matchAll(FENCE)) {
    const [, language, info, body] = found as unknown as [string, string, string, string];
    if (language === 'graphql') {
      const name = /^# (.+)\n/.exec(body)?.[1];
      [who, query, variables] = [name === undefined || name === 'nobody yet' ? null : name, body, undefined];
    } else if (language === 'json' && info === 'variables') {
      variables = JSON.parse(body);
    } else if (query !== '' && (language === 'json' || language === 'http')) {
      const status = Number(HTTP.exec(body)?.[1] ?? 200);
      const line = markdown.slice(0, found.index).split('\n').length;
      const answer = JSON.parse(body.replace(HTTP, ''));
      examples.push({ line, who: info === '' ? who : info, query, variables, status, answer });
    }
  }
  return examples;
}

/**
 * Where an answer is not what the document shows. A `…` stands for any text, or for the rest of a list; `<name>` for a
 * value that is the same wherever the name stands. Names that are new are noted.
 */
export function differences(shown: unknown, actual: unknown, names: Map<string, string>, at = ''): string[] {
  if (typeof shown === 'string') return textDiffers(shown, actual, names) ? [told(at, shown, actual)] : [];
  if (Array.isArray(shown) && Array.isArray(actual)) {
    const open = shown.at(-1) === '…';
    const items = open ? shown.slice(0, -1) : shown;
    const enough = open ? actual.length > items.length : actual.length === items.length;
    if (!enough) return [told(at, shown, actual)];
    return items.flatMap((item, index) => differences(item, actual[index], names, `${at}[${index}]`));
  }
  if (isObject(shown) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(shown), ...Object.keys(actual)])];
    return keys.flatMap((key) => differences(shown[key], actual[key], names, `${at}.${key}`));
  }
  return Object.is(shown, actual) ? [] : [told(at, shown, actual)];
}

/** The text with the names in it replaced by what they stand for. */
export function withNames(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/<([a-z][a-z. -]*)>/g, (whole, name: string) => names.get(name) ?? whole);
}

function textDiffers(shown: string, actual: unknown, names: Map<string, string>): boolean {
  if (typeof actual !== 'string') return true;
  const name = /^<([a-z][a-z. -]*)>$/.exec(shown)?.[1];
  if (name !== undefined && !names.has(name)) names.set(name, actual);
  const parts = withNames(shown, names)
    .split('…')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return !new RegExp(`^${parts.join('[\\s\\S]+')}$`).test(actual);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function told(at: string, shown: unknown, actual: unknown): string {
  return `${at}: the document shows ${JSON.stringify(shown)}, the answer is ${JSON.stringify(actual)}`;
}
