import type { Requirement, Signature } from './chain';
import { chooseSigners } from './choose-signatures';
import { assignSigners, type Demand, inOrder, type Signer, signerOf } from './match-signatures';

export interface RequirementState {
  readonly key: string;
  /** Distinct people that it takes today. */
  readonly needed: number;
  /** Never more than needed. */
  readonly given: number;
  readonly complete: boolean;
}

export interface LevelState {
  readonly level: number;
  readonly requirements: readonly RequirementState[];
  /** Every requirement is met, and there is at least one. */
  readonly complete: boolean;
}

/** A requirement that waits for people who are not there. */
export interface HopelessRequirement {
  readonly key: string;
  readonly level: number;
  readonly ruleId: string;
  readonly ruleName: string;
  /** `too-few-people`: too few who have not signed yet, counting that each of them signs once in the whole chain. */
  readonly reason: 'nobody-eligible' | 'too-few-people';
}

export interface ChainState {
  /** Ascending. */
  readonly levels: readonly LevelState[];
  /** The level that is being signed: the lowest that is not complete. Null when all are. */
  readonly current: number | null;
  readonly complete: boolean;
  /** What nobody who is eligible today could still bring about. The change waits; it never falls through. */
  readonly hopeless: readonly HopelessRequirement[];
}

const NOBODY: ReadonlySet<string> = new Set();

/**
 * How far a chain is signed. Each requirement of each level must be met by distinct people. One person signs one level
 * and one requirement, whoever they sign for; a signature on behalf of somebody counts for the one it stands for and
 * uses up both. Which signature serves which requirement is settled here, for the best: see assignSigners.
 *
 * A level without a requirement is never complete, and neither is a chain without any: levels count 1, 2, 3…, and one
 * that is missing stands as a level that nobody can sign. `excluded` people (the maker) never count, in any role.
 */
export function settleChain(
  requirements: readonly Requirement[],
  signatures: readonly Signature[],
  excluded: ReadonlySet<string> = NOBODY,
): ChainState {
  const demands = inOrder(requirements.map((requirement) => withoutPeople(requirement, excluded)));
  const signers = signatures.map(signerOf).filter(({ people }) => !people.some((person) => excluded.has(person)));
  const { signers: counted, got } = chooseSigners(demands, signers);
  const states = demands.map(({ requirement, needed }, index) => {
    const given = got[index]!;
    return { level: requirement.level, key: requirement.key, needed, given, complete: given >= needed };
  });
  const levels = levelsOf(requirements).map((level): LevelState => {
    const own = states.filter((state) => state.level === level).map(({ level: _, ...state }) => state);
    return { level, requirements: own, complete: own.length > 0 && own.every(({ complete }) => complete) };
  });
  const current = levels.find(({ complete }) => !complete)?.level ?? null;
  return { levels, current, complete: current === null, hopeless: hopelessOf(demands, counted, signers) };
}

/** Those that stay short even if everybody signs who is eligible and has not. */
function hopelessOf(
  demands: readonly Demand[],
  counted: readonly Signer[],
  signers: readonly Signer[],
): HopelessRequirement[] {
  const usedUp = new Set(signers.flatMap(({ people }) => people));
  const eligible = new Set(demands.flatMap(({ requirement }) => [...requirement.eligible]));
  const coming = [...eligible]
    .filter((person) => !usedUp.has(person))
    .sort()
    .map((person): Signer => ({ people: [person], standsFor: person, level: null }));
  const could = assignSigners(demands, [...counted, ...coming]);
  return demands.flatMap(({ requirement, needed }, index) => {
    if (could[index]! >= needed) return [];
    const { key, level, ruleId, ruleName } = requirement;
    const reason = requirement.eligible.size === 0 ? 'nobody-eligible' : 'too-few-people';
    return [{ key, level, ruleId, ruleName, reason }];
  });
}

/** The levels that are asked for, and the first one that is missing between 1 and the highest. */
function levelsOf(requirements: readonly Requirement[]): number[] {
  const asked = [...new Set(requirements.map(({ level }) => level))].sort((a, b) => a - b);
  const missing = asked.findIndex((level, index) => level !== index + 1) + 1;
  if (asked.length === 0) return [1];
  return missing === 0 ? asked : [...new Set([...asked, missing])].sort((a, b) => a - b);
}

function withoutPeople(requirement: Requirement, excluded: ReadonlySet<string>): Requirement {
  const eligible = new Set([...requirement.eligible].filter((person) => !excluded.has(person)));
  return { ...requirement, eligible };
}
