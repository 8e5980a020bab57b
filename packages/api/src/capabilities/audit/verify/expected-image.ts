import { canonicalJson, type Slot } from '@countersign/crypto';

/** What one entry says about a record. */
export interface RecordTrace {
  readonly id: string;
  readonly action: string;
  /** Names of its slots, from the header, which retention never touches. */
  readonly names: readonly string[];
  /** Null when its values were removed. */
  readonly slots: Readonly<Record<string, Slot>> | null;
}

/** The value of a field as all traces of a record together say it. */
export type ExpectedValue =
  | { readonly kind: 'is'; readonly text: string }
  /** The traces that would tell are without values. */
  | { readonly kind: 'unknown' }
  /** The traces do not follow one another: one of them is missing, or was never written. */
  | { readonly kind: 'broken' };

const NULL = 'null';

/**
 * What a field of a record has to be, from all its traces in whatever order. Each trace leads from an old value to a new
 * one, so along the way every value is left as often as it is reached, but for the null before the record was made and
 * the value that stands now. Which trace came first does not have to be known, and one that is missing shows.
 */
export function expectedValue(field: string, traces: readonly RecordTrace[]): ExpectedValue {
  const balance = new Map<string, number>();
  let hidden = false;
  for (const { slots, names } of traces) {
    if (slots === null) {
      hidden ||= names.includes(field);
      continue;
    }
    const slot = slots[field];
    if (slot === undefined) continue;
    const [old, now] = [canonicalJson(slot[0]), canonicalJson(slot[1])];
    balance.set(old, (balance.get(old) ?? 0) - 1);
    balance.set(now, (balance.get(now) ?? 0) + 1);
  }
  const ends = [...balance].filter(([, count]) => count !== 0);
  const reached = ends.filter(([, count]) => count > 0);
  const left = ends.filter(([, count]) => count < 0);
  if (ends.some(([, count]) => Math.abs(count) > 1) || reached.length > 1 || left.length > 1) return { kind: 'broken' };
  const end = reached[0]?.[0];
  if (hidden) return end === undefined ? { kind: 'unknown' } : { kind: 'is', text: end };
  if (left[0] !== undefined && left[0][0] !== NULL) return { kind: 'broken' };
  return { kind: 'is', text: end ?? NULL };
}
