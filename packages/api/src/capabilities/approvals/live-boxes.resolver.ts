import { Arg, Extensions, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestScope } from '../../path/request-scope';
import { PendingBoxEnum, PendingChangeUpdate } from './approval-types';
import type { PendingBox } from './list-pending';
import type { BoxUpdate, LiveBoxes, StreamEnd } from './live-boxes';
import { summaryOf } from './show-change';

interface Asked {
  readonly box: PendingBox;
  readonly scope: RequestScope;
}

/** The subscriptions to the queue of pending changes. */
@Resolver()
export class LiveBoxesResolver {
  @Extensions({ staffOnly: true })
  @Subscription(() => PendingChangeUpdate, {
    nullable: true,
    description: 'What one of your boxes holds, oldest first, and then whatever changes in it.',
    topics: 'pendingChanges',
    topicId: ({ args, context }): Asked => ({ box: args.box, scope: context as RequestScope }),
  })
  pendingChangeUpdates(
    @Root() update: BoxUpdate | StreamEnd,
    @Arg('box', () => PendingBoxEnum, { defaultValue: 'MINE_TO_DECIDE' }) _box: PendingBox,
  ): PendingChangeUpdate {
    if ('fault' in update) throw update.fault;
    const { id, listed, status } = update;
    return { id, inBox: listed !== null, status, change: listed && summaryOf(listed) };
  }
}

/** Where type-graphql gets the events of a subscription from. */
export function eventsOf(boxes: LiveBoxes) {
  return {
    publish(): void {
      throw new Error('What has happened is read from the database, not published here');
    },
    subscribe(_topic: string, asked: unknown): AsyncIterable<unknown> {
      const { scope, box } = asked as Asked;
      return boxes.updates(scope, box);
    },
  };
}
