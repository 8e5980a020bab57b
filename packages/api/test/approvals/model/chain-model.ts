/*
 * What approval rules mean, once more and by brute force: every way to give signatures to demands is tried. It shares
 * nothing with packages/policy but the words.
 */

export interface AskedOf {
  /** The level of the rule that asks. */
  readonly key: string;
  readonly level: number;
  readonly needed: number;
  readonly eligible: ReadonlySet<string>;
  /** Hours after which it is given up; null: never, or others may sign then. */
  readonly givenUpAfter: number | null;
}

export interface SignedBy {
  readonly person: string;
  readonly behalf: string | null;
  readonly level: number;
}

const standsFor = ({ person, behalf }: SignedBy) => behalf ?? person;
const usesUp = ({ person, behalf }: SignedBy) => (behalf === null ? [person] : [person, behalf]);

/** What was asked once and what is asked today, together: nothing is dropped, and what says the same is asked once. */
export function askedTogether(once: readonly AskedOf[], today: readonly AskedOf[]): AskedOf[] {
  const implies = (one: AskedOf, other: AskedOf) =>
    one.level === other.level &&
    [...one.eligible].every((person) => other.eligible.has(person)) &&
    one.needed >= other.needed;
  const merged: AskedOf[] = [];
  for (const key of new Set([...today, ...once].map((one) => one.key))) {
    const [then, now] = [once.find((one) => one.key === key), today.find((one) => one.key === key)];
    if (!then || !now) merged.push((then ?? now)!);
    else if (implies(now, then)) merged.push({ ...now, givenUpAfter: then.givenUpAfter });
    else if (implies(then, now)) merged.push(then);
    else merged.push({ ...now, givenUpAfter: then.givenUpAfter }, { ...then, key: `${key}~` });
  }
  return merged;
}

/** Calls for every way in which signatures, each at most once and nobody twice, serve demands. */
function everyWay(
  asked: readonly AskedOf[],
  signed: readonly SignedBy[],
  found: (got: readonly number[]) => void,
): void {
  const got = asked.map(() => 0);
  const used = new Set<string>();
  const place = (index: number): void => {
    if (index === signed.length) {
      found(got);
      return;
    }
    const one = signed[index]!;
    place(index + 1);
    if (usesUp(one).some((person) => used.has(person))) return;
    for (const person of usesUp(one)) used.add(person);
    for (const [at, demand] of asked.entries()) {
      if (demand.level !== one.level || !demand.eligible.has(standsFor(one)) || got[at]! >= demand.needed) continue;
      got[at]! += 1;
      place(index + 1);
      got[at]! -= 1;
    }
    for (const person of usesUp(one)) used.delete(person);
  };
  place(0);
}

export interface ChainStanding {
  /** The lowest level that the best way of counting leaves incomplete; null: all are complete. */
  readonly level: number | null;
  /** How many signatures can count on that level at most. */
  readonly given: number;
  /** Demands that are met by the best way of counting. */
  readonly met: ReadonlySet<AskedOf>;
}

/** Demands of lower levels come first, on a level the smaller ones; keys settle the rest. */
function inTurn(a: AskedOf, b: AskedOf): number {
  return a.level - b.level || a.needed - b.needed || (a.key < b.key ? -1 : 1);
}

export function chainStanding(unsorted: readonly AskedOf[], signed: readonly SignedBy[]): ChainStanding {
  const asked = [...unsorted].sort(inTurn);
  let best = asked.map(() => 0);
  everyWay(asked, signed, (got) => {
    const at = got.findIndex((count, index) => count !== best[index]);
    if (at >= 0 && got[at]! > best[at]!) best = [...got];
  });
  const short = asked.findIndex(({ needed }, at) => best[at]! < needed);
  if (short < 0) return { level: null, given: 0, met: new Set() };
  const { level } = asked[short]!;
  const given = asked.reduce((sum, demand, at) => sum + (demand.level === level ? best[at]! : 0), 0);
  const met = new Set(unsorted.filter((demand) => best[asked.indexOf(demand)]! >= demand.needed));
  return { level, given, met };
}

/** The level that a signature would count on, or null: it must bring the level that is being signed forward. */
export function levelFor(
  asked: readonly AskedOf[],
  signed: readonly SignedBy[],
  person: string,
  behalf: string | null,
): number | null {
  const used = new Set(signed.flatMap(usesUp));
  if (usesUp({ person, behalf, level: 0 }).some((one) => used.has(one))) return null;
  const { level, given } = chainStanding(asked, signed);
  if (level === null) return null;
  const after = chainStanding(asked, [...signed, { person, behalf, level }]);
  return after.level !== level || after.given > given ? level : null;
}
