const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What a text of JSON would become, counted without making it. */
export interface JsonSize {
  /** Objects and lists in one another. */
  readonly depth: number;
  readonly containers: number;
  /** At most as many as there are values. */
  readonly commas: number;
}

/**
 * Counts what stands in a text of JSON in UTF-8, whether or not it is well-formed; ends with the first count that is over
 * its limit. Parsing a megabyte of brackets takes a hundred times as long as looking at them.
 */
export function scanJson(text: Buffer, most: JsonSize): JsonSize {
  let [depth, deepest, containers, commas] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at]!;
    if (byte === QUOTE) {
      at = endOfString(text, at + 1);
    } else if (byte === COMMA) {
      commas += 1;
      if (commas > most.commas) break;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      containers += 1;
      if (depth > deepest) deepest = depth;
      if (deepest > most.depth || containers > most.containers) break;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
  return { depth: deepest, containers, commas };
}

/** Where the quote stands that ends a string; the end of the text when none does. */
function endOfString(text: Buffer, from: number): number {
  for (let at = text.indexOf(QUOTE, from); at >= 0; at = text.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (at - slashes > from && text[at - slashes - 1] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}
