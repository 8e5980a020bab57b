/** Thrown for a value that has no canonical JSON form. The message names the place, never the value. */
export class NotCanonicalJson extends TypeError {
  override readonly name = 'NotCanonicalJson';
}

/** Deeper than any record we keep; a cycle ends here with a clear error instead of an exhausted stack. */
const MAX_DEPTH = 256;

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The JSON Canonicalization Scheme, RFC 8785: no white space, keys in the order of their UTF-16 code units, numbers as
 * ECMAScript prints them. Equal values give equal bytes, so a digest over them can be checked by any other program.
 *
 * Throws NotCanonicalJson for anything that JSON would drop or bend silently: undefined, NaN, infinities, lone
 * surrogates, bigint, functions, Date and other class instances, holes in arrays, nesting over 256 levels.
 */
export function canonicalJson(value: unknown): string {
  return print(value, '$', 0);
}

function print(value: unknown, place: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return printText(value, place);
    case 'number':
      if (!Number.isFinite(value)) throw new NotCanonicalJson(`${place} is a number that JSON cannot hold`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) throw new NotCanonicalJson(`a value is cyclic or nested over ${MAX_DEPTH} levels`);
      return Array.isArray(value) ? printArray(value, place, depth) : printObject(value, place, depth);
    default:
      throw new NotCanonicalJson(`${place} is ${typeof value}, which JSON cannot hold`);
  }
}

function printText(text: string, place: string): string {
  if (LONE_SURROGATE.test(text)) throw new NotCanonicalJson(`${place} holds a lone surrogate`);
  return JSON.stringify(text);
}

function printArray(items: readonly unknown[], place: string, depth: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ',';
    text += print(items[index], `${place}[${index}]`, depth + 1);
  }
  return `${text}]`;
}

function printObject(object: object, place: string, depth: number): string {
  if (!isPlain(object)) throw new NotCanonicalJson(`${place} is a ${object.constructor?.name ?? 'class'} instance`);
  // The default sort compares UTF-16 code units, which is the order that RFC 8785 §3.2.3 asks for.
  const keys = Object.keys(object).sort();
  let text = '{';
  for (const [index, key] of keys.entries()) {
    if (index > 0) text += ',';
    const inner = `${place}.${key}`;
    text += `${printText(key, inner)}:${print((object as Record<string, unknown>)[key], inner, depth + 1)}`;
  }
  return `${text}}`;
}

/** An object literal, one without a prototype, or a literal of another realm (a worker or a test sandbox). */
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
