/** As much as a trace keeps, and no more than a header should be looked through for. */
const LONGEST = 4_000;
const EXTENDED = /^utf-8''/i;

/**
 * The reason that a caller gives for a request, from the header `x-reason`. A header holds bytes: they are read as UTF-8.
 * Browsers cannot send those, so the extended form of RFC 8187, section 3.2.1 (`UTF-8''caf%C3%A9`) is understood as well.
 * Null for none; a reason that cannot be read is kept as it came, for it is still what was sent.
 */
export function givenReason(header: string | readonly string[] | undefined): string | null {
  const sent = (typeof header === 'string' ? header : header?.join(', '))?.trim().slice(0, LONGEST);
  if (!sent) return null;
  if (EXTENDED.test(sent)) {
    try {
      return decodeURIComponent(sent.replace(EXTENDED, '')).trim() || null;
    } catch {
      return sent;
    }
  }
  // Node hands over each byte as one character.
  const text = Buffer.from(sent, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? sent : text;
}
