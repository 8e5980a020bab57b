import type { Pool } from 'pg';
import type { Identify } from '../capabilities/identity';
import { Fault } from '../path/faults';
import type { Limits } from '../path/limits';
import type { RequestScope } from '../path/request-scope';
import type { DecidedUnder } from '../path/rooms';
import { rightsHaveEnded } from '../path/under-head';
import { readHead } from '../snapshot/snapshot-store';

export interface ScopeDeps {
  readonly identify: Identify;
  /** Reads the head and loads what it names. */
  readonly refreshWorld: () => Promise<unknown>;
  readonly pool: Pool;
  readonly limits: Limits;
  readonly now: () => Date;
}

/** Identifies the caller and takes the snapshot that everything in this request is decided under. */
export async function openScope(
  deps: ScopeDeps,
  about: { readonly requestId: string; readonly source: string; readonly reason?: string | null },
  authorization: string | undefined,
): Promise<RequestScope> {
  const receivedAt = deps.now();
  const decide = async (): Promise<DecidedUnder> => {
    const { snapshot, head, principal } = await deps.identify.principalFor(authorization, deps.now);
    return { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
  };
  // Apollo hands a copy of this object to each operation, so its methods work on `this`.
  return {
    ...about,
    receivedAt,
    documentKey: '',
    httpStatus: null,
    under: await decide(),
    revalidate: () => true,
    async hasMoved(this: RequestScope) {
      if (rightsHaveEnded(this.under)) return true;
      const { head } = this.under;
      const now = await readHead(deps.pool);
      return now.policyVersion !== head.policyVersion || now.peopleEpoch !== head.peopleEpoch;
    },
    async refresh(this: RequestScope) {
      await deps.refreshWorld();
      this.under = await decide();
      if (!this.revalidate())
        throw new Fault('GRAPHQL_VALIDATION_FAILED', { inside: 'the class lost what the document names' });
      return this.under;
    },
    errors: [],
    denials: [],
    withheld: [],
    tally: { records: {}, statements: 0, cost: 0, verdict: 'ok' },
    limited: limiter(deps.limits.concurrentRootFields),
  };
}

/** Lets at most so many run at a time; the others wait in order. */
function limiter(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await run();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
