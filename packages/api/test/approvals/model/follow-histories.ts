import * as fc from 'fast-check';
import { History, type QueueEvent, queueEvent } from './queue-events';
import type { RealQueue } from './real-queue';

class Happening implements fc.AsyncCommand<History, RealQueue> {
  constructor(readonly event: QueueEvent) {}
  check(): boolean {
    return true;
  }
  run(history: History): Promise<void> {
    return history.step(this.event);
  }
  toString(): string {
    return JSON.stringify(this.event);
  }
}

export interface Course {
  readonly seed: number;
  readonly histories: number;
  /** At most so many in a history. */
  readonly events: number;
  /** After so long no further history begins. */
  readonly seconds?: number;
}

/** Lets random histories happen to the gateway and to the model; throws with the shortest one in which they differ. */
export async function followHistories(
  real: RealQueue,
  { seed, histories, events, seconds = 3_000 }: Course,
): Promise<{ histories: number; events: number; applied: number }> {
  const tally = { histories: 0, events: 0, applied: 0 };
  const commands = fc.commands([queueEvent.map((event) => new Happening(event))], { maxCommands: events, size: 'max' });
  const property = fc.asyncProperty(commands, async (happenings) => {
    const history = new History(real);
    await fc.asyncModelRun(async () => {
      await history.begin();
      return { model: history, real };
    }, happenings);
    tally.histories += 1;
    tally.events += history.happened;
    tally.applied += history.model.applied;
  });
  await fc.assert(property, { seed, numRuns: histories, interruptAfterTimeLimit: seconds * 1_000 });
  return tally;
}
