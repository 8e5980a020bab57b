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
 * These are augmenting paths (Kuhn's algorithm): a place that is taken stays taken while signers move to other demands.
 */
export function assignSigners(demands: readonly Demand[], signers: readonly Signer[]): number[] {
  const fits = demands.map(({ requirement }) =>
    signers.flatMap((signer, index) => (mayServe(signer, requirement) ? [index] : [])),
  );
  /** Signer -> demand that has them. */
  const given = new Map<number, number>();
  const place = (demand: number, seen: Set<number>): boolean =>
    fits[demand]!.some((signer) => {
      if (seen.has(signer)) return false;
      seen.add(signer);
      const holder = given.get(signer);
      if (holder !== undefined && !place(holder, seen)) return false;
      given.set(signer, demand);
      return true;
    });

  return demands.map(({ needed }, demand) => {
    let got = 0;
    while (got < needed && place(demand, new Set())) got += 1;
    return got;
  });
}

function mayServe(signer: Signer, requirement: Requirement): boolean {
  return (signer.level === null || signer.level === requirement.level) && requirement.eligible.has(signer.standsFor);
}
