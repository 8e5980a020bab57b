import type { Requirement } from './chain';
import { demandOf } from './match-signatures';

/** What the key of a demand ends with that stands beside its successor of the same key. */
const AS_SUBMITTED = '~as-submitted';

/**
 * What a pending change needs today: everything that was asked when it was submitted and everything that today's rules
 * ask, both with the people who are eligible today. Nothing is dropped. What several changes of one set ask under one key
 * is one demand.
 *
 * Two demands of one key become one only where whoever meets the one has met the other: on the same level, asking no
 * fewer of no more people. Wherever that is in doubt, both are demanded, and by distinct people. The earlier one then
 * goes under a key of its own.
 */
export function combineRequirements(
  atSubmission: readonly Requirement[],
  today: readonly Requirement[],
): readonly Requirement[] {
  const byKey = new Map<string, Requirement>();
  for (const requirement of [...today, ...atSubmission]) demand(byKey, requirement, requirement.key);
  return [...byKey.values()].sort((a, b) => a.level - b.level || (a.key < b.key ? -1 : 1));
}

function demand(byKey: Map<string, Requirement>, requirement: Requirement, key: string): void {
  const present = byKey.get(key);
  if (present && covers(present, requirement)) return;
  if (!present || covers(requirement, present)) byKey.set(key, { ...requirement, key });
  else demand(byKey, requirement, key + AS_SUBMITTED);
}

/** Whether whatever meets the one meets the other as well. */
function covers(one: Requirement, other: Requirement): boolean {
  if (one.level !== other.level) return false;
  if ([...one.eligible].some((person) => !other.eligible.has(person))) return false;
  return demandOf(one).needed >= demandOf(other).needed;
}
