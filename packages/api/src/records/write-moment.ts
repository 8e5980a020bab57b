import type { RecordImage } from '../database/record-image';

/** A clock that is further ahead than this is wrong, and nobody follows it. */
const MOST_AHEAD_MS = 60_000;

/**
 * When a change counts as made: later than the last change of every record it touches. So a record's trace stands in the
 * order of its versions, also when one request overtakes another or the clocks of two gateways differ.
 */
export function writeMoment(now: Date, locked: ReadonlyMap<string, RecordImage>): Date {
  let moment = now.getTime();
  for (const { updatedAt } of locked.values()) {
    const before = Date.parse(String(updatedAt));
    if (before >= moment && before - now.getTime() <= MOST_AHEAD_MS) moment = before + 1;
  }
  return new Date(moment);
}
