import type { RightsEnd } from '../../path/rooms';

/** The first of these moments, as ISO 8601, that is still to come: then time alone changes somebody's rights. */
export function nextTurn(moments: readonly string[], now: () => Date): RightsEnd | null {
  const present = now().toISOString();
  const coming = moments.filter((moment) => /^\d/.test(moment) && moment > present).sort();
  return coming[0] === undefined ? null : { at: new Date(coming[0]), now };
}
