/**
 * Joins texts so that no two lists give the same bytes: each is preceded by its UTF-8 length as 32 bits, big-endian.
 * Without the lengths ("ab", "c") and ("a", "bc") would authenticate each other.
 */
export function lengthPrefixed(...texts: readonly string[]): Buffer {
  let longest = 0;
  for (const text of texts) longest += 4 + text.length * 3;
  const bytes = Buffer.allocUnsafe(longest);
  let end = 0;
  for (const text of texts) {
    const length = bytes.write(text, end + 4, 'utf8');
    bytes.writeUInt32BE(length, end);
    end += 4 + length;
  }
  return bytes.subarray(0, end);
}
