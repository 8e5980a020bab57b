/** Names as in the IANA time zone database; neither offsets nor the POSIX rules that PostgreSQL would read. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/;

const known = new Map<string, boolean>();
const MOST_REMEMBERED = 1_000;

/**
 * Whether a text names a time zone of the IANA database. What is unknown here never reaches PostgreSQL, which would take
 * any letters for a zone with an invented offset.
 */
export function isTimeZone(name: unknown): name is string {
  if (typeof name !== 'string' || name.length > 64 || !ZONE_NAME.test(name)) return false;
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const found = isKnownToIntl(name);
  if (known.size < MOST_REMEMBERED) known.set(name, found);
  return found;
}

function isKnownToIntl(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
