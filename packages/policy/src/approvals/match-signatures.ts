import type { Requirement, Signature } from './chain';

/** Signatures demanded by one requirement, and what they could be. */
export interface Demand {
  readonly requirement: Requirement;
  /** Distinct people that it takes; `all` of nobody takes one, so it is never met. */
  readonly needed: number;
}

/** Somebody who signed, or could sign. */
export interface Signer {
  /** Everybody whom the signature uses up. */
  readonly people: readonly string[];
  /** Whose eligibility counts. */
  readonly standsFor: string;
  /** Null: could sign on any level. */
  readonly level: number | null;
}

export function signerOf({ person, onBehalfOf, level }: Signature): Signer {
  const standsFor = onBehalfOf ?? person;
  return { people: standsFor === person ? [person] : [person, standsFor], standsFor, level };
}

export function demandOf(requirement: Requirement): Demand {
  const { quorum, eligible } = requirement;
  return { requirement, needed: Math.max(1, quorum === 'all' ? eligible.size : quorum) };
}

/** The order in which demands are served: level by level, on a level the smaller first. Keys make it the only one. */
export function inOrder(requirements: readonly Requirement[]): Demand[] {
  return requirements.map(demandOf).sort((a, b) => {
    const [one, other] = [a.requirement, b.requirement];
    return one.level - other.level || a.needed - b.needed || (one.key < other.key ? -1 : 1);
  });
}

/**
 * Gives each signer to at most one demand, such that demands get as many as they can: an earlier one is never short for
 * the sake of a later one, and in total no assignment gives more. The signers' people must be disjoint. Answers, for
 * each demand, how many it got.
 *
 * These are augmenting paths: what a demand has got stays its own, while signers move between demands to make room.
 */
export function assignSigners(demands: readonly Demand[], signers: readonly Signer[]): number[] {
  const fits = demands.map(({ requirement }) => signers.filter((signer) => mayServe(signer, requirement)));
  const serves = new Map<Signer, number>();

  /** Whether the demand can have one more. `asked` are the demands that are looking for one already. */
  const gains = (demand: number, asked: Set<number>): boolean => {
    asked.add(demand);
    const found =
      fits[demand]!.find((signer) => !serves.has(signer)) ??
      fits[demand]!.find((signer) => {
        const holder = serves.get(signer)!;
        return !asked.has(holder) && gains(holder, asked);
      });
    if (found) serves.set(found, demand);
    return found !== undefined;
  };

  return demands.map(({ needed }, demand) => {
    let got = 0;
    while (got < needed && gains(demand, new Set())) got += 1;
    return got;
  });
}

/** Whether a signer can be given to a requirement at all. */
export function mayServe(signer: Signer, requirement: Requirement): boolean {
  return (signer.level === null || signer.level === requirement.level) && requirement.eligible.has(signer.standsFor);
}
