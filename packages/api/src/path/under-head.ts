import { Fault } from './faults';
import type { RequestScope } from './request-scope';
import type { DecidedUnder } from './rooms';

/** The head is no longer the one that was decided under: refresh, and decide once more. */
export class HeadMoved extends Error {
  constructor() {
    super('The head has moved on');
    this.name = 'HeadMoved';
  }
}

/** How often one request is decided anew before it gives up; more than once only while policies change in a row. */
const MOST_ATTEMPTS = 4;

/**
 * Runs something under what the request is decided under, and anew under the present head when that has moved on. A
 * refusal that no statement has confirmed counts only if the head is still the one it was made under: nobody is turned
 * away for rights they were given a moment ago. Throws POLICY_UNAVAILABLE when the head keeps moving.
 */
export async function underHead<T>(scope: RequestScope, run: (under: DecidedUnder) => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    try {
      return await run(scope.under);
    } catch (error) {
      const moved = error instanceof HeadMoved || (isRefusal(error) && (await scope.hasMoved()));
      if (!moved) throw error;
      await scope.refresh();
    }
  }
  throw new Fault('POLICY_UNAVAILABLE', { inside: 'the head kept moving' });
}

/**
 * The same for what only reads: an answer that came after time had changed the rights it was decided under is thrown
 * away. What writes must not be run twice; it asks before it commits, see `confirmHead`.
 */
export function readUnderHead<T>(scope: RequestScope, run: (under: DecidedUnder) => Promise<T>): Promise<T> {
  return underHead(scope, async (under) => {
    const answer = await run(under);
    if (rightsHaveEnded(under)) throw new HeadMoved();
    return answer;
  });
}

/** Whether time alone has changed the rights since they were settled: a role or a grant has ended, or begun. */
export function rightsHaveEnded({ principal: { until } }: Pick<DecidedUnder, 'principal'>): boolean {
  return until !== null && until !== undefined && until.now() >= until.at;
}

/** An object that is closed under one policy version is open under the next: that is a refusal like the others. */
function isRefusal(error: unknown): boolean {
  return error instanceof Fault && ['FORBIDDEN', 'FIELD_FORBIDDEN', 'POLICY_UNAVAILABLE'].includes(error.code);
}

/** For answers that need no statement of their own: they read the head first, so that they are never older than it. */
export async function settleHead(scope: RequestScope): Promise<void> {
  if (await scope.hasMoved()) await scope.refresh();
  if (scope.under.principal.kind === 'anonymous') throw new Fault('UNAUTHENTICATED');
}
