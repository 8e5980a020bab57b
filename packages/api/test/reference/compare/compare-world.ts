import { Chance } from '../worlds/chance';
import type { World } from '../worlds/world';
import { Both, type Case } from './both';
import { CaseMaker } from './cases-of';
import { describeDifference } from './describe-difference';
import { firstDifference, type Sequence, sequenceOf } from './sequence';
import { shrinkSequence } from './shrink-sequence';
import { shrinkWorld } from './shrink-world';
import type { Tally } from './tally';

export interface Found extends Sequence {
  readonly world: World;
  /** For a human. */
  readonly report: string;
}

/** Asks both executors so many random questions about a world; the first difference, as small as it gets, or null. */
export async function compareWorld(world: World, seed: number, cases: number, tally: Tally): Promise<Found | null> {
  const both = await Both.over(world);
  try {
    const maker = await CaseMaker.over(both, new Chance(seed));
    for (let left = cases; left > 0; ) {
      const asked: Case[] = [];
      const answers: string[] = [];
      let differs = false;
      await maker.ask(async (one) => {
        const { gateway, difference } = await both.ask(one);
        tally.add(one, gateway);
        left -= 1;
        if (!differs) asked.push(one);
        answers.push(gateway.text);
        differs ||= difference !== null;
        return gateway;
      });
      if (differs) tally.differences += 1;
      if (differs) return await smallest(both, sequenceOf(asked, answers));
    }
    return null;
  } finally {
    await both.close();
  }
}

/** The smallest sequence like a given one, with what is said about it. */
async function smallest(both: Both, sequence: Sequence): Promise<Found> {
  const differs = async (smaller: Sequence) => (await firstDifference(both, smaller)) !== null;
  const small = await shrinkSequence(sequence, differs);
  const fresh = { ...small, document: `${small.document}\n# once more` };
  const outcome = (await firstDifference(both, fresh)) ?? (await firstDifference(both, sequence));
  const { world } = both.open;
  const again = 'It differed once and not again: it depends on what was asked before.';
  return { ...small, world, report: describeDifference(world, small, outcome?.difference ?? again) };
}

/** Asks a kept sequence of a world; what differs, or null. */
export async function compareSequence(world: World, sequence: Sequence): Promise<string | null> {
  const both = await Both.over(world);
  try {
    const outcome = await firstDifference(both, sequence);
    return outcome && describeDifference(world, sequence, outcome.difference!);
  } finally {
    await both.close();
  }
}

/** A found difference with as little of a world as it needs. */
export async function withSmallWorld({ world, document, asks }: Found, milliseconds: number): Promise<World> {
  const people = new Set(asks.map(({ person }) => person));
  return shrinkWorld(
    world,
    people,
    async (smaller) => (await compareSequence(smaller, { document, asks })) !== null,
    milliseconds,
  );
}
