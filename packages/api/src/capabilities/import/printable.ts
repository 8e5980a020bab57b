/**
 * A text that comes from a file or a mapping, fit for one line of a terminal or a log: what would steer a terminal, end
 * the line or turn the direction of reading is written out as `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu,
    (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`,
  );
}
