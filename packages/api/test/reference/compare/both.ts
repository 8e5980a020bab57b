import type { Answer } from '../../harness/test-gateway';
import { Twin } from '../twin/twin';
import { type OpenWorld, openWorld } from '../worlds/open-world';
import type { World } from '../worlds/world';
import { differenceOf } from './compare-answers';

/** One question: who asks what. The person is named by their place in the world. */
export interface Case {
  readonly person: number;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Outcome {
  readonly gateway: Answer;
  readonly difference: string | null;
}

/** A world with both executors on it. */
export class Both {
  private constructor(
    readonly open: OpenWorld,
    readonly twin: Twin,
  ) {}

  static async over(world: World): Promise<Both> {
    const open = await openWorld(world);
    const { gateway, catalogue, body } = open;
    const { root, limits } = gateway.core;
    const url = gateway.database.adminUrl;
    const twin = await Twin.open({ catalogue, body, url, cursors: root.sealer('cursor'), limits });
    return new Both(open, twin);
  }

  /** Asks both. The gateway works while the twin does. */
  async ask({ person, document, variables }: Case): Promise<Outcome> {
    const caller = this.open.people[person]!;
    const asked = this.answer(caller.token, document, variables);
    const [gateway, twin] = await Promise.all([asked, this.twin.answer(caller, document, variables)]);
    return { gateway, difference: differenceOf(gateway, twin) };
  }

  /** A kept connection may be closed by the other side while it is used again; to read once more is harmless. */
  private answer(token: string, document: string, variables: Case['variables']): Promise<Answer> {
    const ask = () => this.open.gateway.ask(token, document, variables);
    return ask().catch((error: unknown) => {
      if (error instanceof TypeError && error.message === 'fetch failed') return ask();
      throw error;
    });
  }

  close(): Promise<void> {
    return this.open.close();
  }
}
