import type { Requirement, Signature } from './chain';
import { type ChainState, settleChain } from './settle-chain';

export const SIGNING_REFUSALS = ['maker', 'signed-before', 'not-eligible', 'not-your-level'] as const;

/**
 * Why somebody may not sign: `maker` they or whom they stand for asked for the change; `signed-before` one of the two
 * is used up by a signature that counts; `not-eligible` no requirement of the chain asks for them; `not-your-level`
 * nothing that is still wanted on the level being signed does.
 */
export type SigningRefusal = (typeof SIGNING_REFUSALS)[number];

/**
 * The level that somebody would sign now, for themselves or on behalf of somebody who has delegated to them, or why
 * they may not. What comes out as a level brings that level forward by one. Whether the delegation stands is not asked
 * here.
 */
export function maySign(
  requirements: readonly Requirement[],
  signatures: readonly Signature[],
  person: string,
  onBehalfOf: string | null,
  excluded: ReadonlySet<string>,
): number | SigningRefusal {
  const standsFor = onBehalfOf ?? person;
  if (excluded.has(person) || excluded.has(standsFor)) return 'maker';
  const usedUp = new Set(signatures.flatMap((signature) => [signature.person, signature.onBehalfOf]));
  if (usedUp.has(person) || usedUp.has(standsFor)) return 'signed-before';
  if (!requirements.some(({ eligible }) => eligible.has(standsFor))) return 'not-eligible';

  const { current } = settleChain(requirements, signatures, excluded);
  if (current === null) return 'not-your-level';
  const given = (counted: readonly Signature[]) => givenOn(current, settleChain(requirements, counted, excluded));
  const added = given([...signatures, { level: current, person, onBehalfOf }]);
  return added > given(signatures) ? current : 'not-your-level';
}

function givenOn(level: number, { levels }: ChainState): number {
  const states = levels.find((state) => state.level === level)!.requirements;
  return states.reduce((sum, { given }) => sum + given, 0);
}
