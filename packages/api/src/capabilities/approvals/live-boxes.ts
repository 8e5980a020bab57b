import { Fault } from '../../path/faults';
import { faultOf } from '../../path/public-error';
import type { LiveScope, RequestScope } from '../../path/request-scope';
import type { DecidedUnder } from '../../path/rooms';
import { HeadMoved } from '../../path/under-head';
import type { WriteMeta } from '../../records/change';
import type { QueueDeps } from './approvals-deps';
import type { Heard } from './ear';
import { type ListedChange, listPending, type PendingBox } from './list-pending';
import { lookAtChange } from './look-at-change';
import type { PendingFeed } from './pending-feed';

/** What has become of one pending change in a box. */
export interface BoxUpdate {
  readonly id: string;
  /** The change as the box shows it; null when it is not in the box any more. */
  readonly listed: ListedChange | null;
  /** Its status, for who still has business with it. */
  readonly status: string | null;
}

/** The last that a stream says: why it ends. */
export interface StreamEnd {
  readonly fault: Fault;
}

export interface LiveBoxesDeps extends QueueDeps {
  readonly feed: PendingFeed;
  readonly now: () => Date;
}

const MOST_SHOWN = 50;
const MOST_REMEMBERED = 200;
const MOST_ATTEMPTS = 4;

/**
 * Boxes of pending changes that tell when something in them moves. Before each word the caller is identified anew, and what
 * is told is read then, by the code that answers the inbox. A stream ends when its caller's rights are not those that it
 * began with: whoever asks again is decided anew.
 */
export class LiveBoxes {
  constructor(private readonly deps: LiveBoxesDeps) {}

  /** What the box holds, oldest first, and then each change of it. */
  async *updates(scope: RequestScope, box: PendingBox): AsyncGenerator<BoxUpdate | StreamEnd> {
    const { live } = scope;
    if (!live) throw new Fault('BAD_REQUEST', { message: 'Subscriptions are answered at /graphql/stream.' });
    // Heard from here on, so that nothing falls between the first look and the first hint.
    const ear = this.deps.feed.hear(live.signal);
    const rights = rightsOf(scope.under);
    const shown = new Map<string, string>();
    let heard: Heard | null = { ids: new Set(), all: true };
    try {
      for (; heard !== null; heard = await ear.next()) {
        for (const update of await this.look(scope, live, box, { heard, shown, rights })) {
          if (live.signal.aborted) return;
          if (live.isBehind()) throw new Fault('RATE_LIMITED', { message: 'You take up less than there is to tell.' });
          yield update;
        }
      }
    } catch (error) {
      yield { fault: faultOf(error) };
    }
  }

  private async look(
    scope: RequestScope,
    live: LiveScope,
    box: PendingBox,
    { heard, shown, rights }: { heard: Heard; shown: Map<string, string>; rights: string },
  ): Promise<BoxUpdate[]> {
    for (let attempt = 1; ; attempt += 1) {
      const under = await live.again();
      if (rightsOf(under) !== rights) {
        throw new Fault('FORBIDDEN', { message: 'Your rights have changed; ask again.' });
      }
      try {
        return await this.lookUnder(under, scope.requestId, box, heard, shown);
      } catch (error) {
        if (!(error instanceof HeadMoved)) throw error;
        if (attempt === MOST_ATTEMPTS) throw new Fault('POLICY_UNAVAILABLE', { inside: 'the head kept moving' });
      }
    }
  }

  private async lookUnder(
    under: DecidedUnder,
    requestId: string,
    box: PendingBox,
    { ids, all }: Heard,
    shown: Map<string, string>,
  ): Promise<BoxUpdate[]> {
    const meta = { requestId, now: this.deps.now() };
    const asked = [...new Set([...ids, ...(all ? shown.keys() : [])])];
    const list = (only?: readonly string[]) =>
      listPending(this.deps, under, { box, first: only?.length ?? MOST_SHOWN, after: null, only }, meta);
    const listed = [...(all ? await list() : []), ...(asked.length > 0 ? await list(asked) : [])];
    const present = new Map(listed.map((one) => [one.pending.id, one]));
    const updates: BoxUpdate[] = [];
    for (const [id, one] of present) {
      const face = `${one.pending.image.version} ${one.waitingFor.join()}`;
      if (shown.get(id) === face) continue;
      shown.set(id, face);
      updates.push({ id, listed: one, status: one.pending.status });
    }
    for (const id of asked) {
      // Only what was shown before can be said to be gone.
      if (present.has(id) || !shown.delete(id)) continue;
      updates.push({ id, listed: null, status: await this.statusFor(under, id, meta) });
    }
    for (const id of [...shown.keys()].slice(0, Math.max(0, shown.size - MOST_REMEMBERED))) shown.delete(id);
    return updates;
  }

  /** The status of a change that has left a box, for who may still look at it. */
  private async statusFor(under: DecidedUnder, id: string, meta: WriteMeta): Promise<string | null> {
    try {
      return await this.deps.dataSource.transaction('REPEATABLE READ', async (tx) => {
        return (await lookAtChange(tx, this.deps, under, id, meta)).pending.status;
      });
    } catch (error) {
      if (error instanceof Fault && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }
}

/** What the rights of a caller are, for comparing them with what they were. */
function rightsOf({ principal, authority }: DecidedUnder): string {
  const { audience, roles, groupIds, scopes, lent = null, values } = principal;
  return JSON.stringify([authority.table.digest, audience, roles, groupIds, scopes, lent, values]);
}
