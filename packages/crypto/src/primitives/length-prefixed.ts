/**
 * Joins texts so that no two lists give the same bytes: each is preceded by its UTF-8 length as 32 bits, big-endian.
 * Without the lengths ("ab", "c") and ("a", "bc") would authenticate each other.
 */
export function lengthPrefixed(...texts: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const text of texts) {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}
