/**
 * Bytes of a base64url text without padding (RFC 4648 §5), or null when the text is not the one canonical spelling.
 * Node's decoder ignores unknown characters, padding and stray trailing bits; a token must not have several spellings.
 */
export function strictBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
