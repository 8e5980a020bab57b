import type { PendingChangeSummary, PendingChangeView, PendingItemView } from './approval-types';
import type { ListedChange } from './list-pending';
import type { PendingChangeRow } from './pending-change';
import { waitingFor } from './review-change';
import type { SeenChange } from './see-change';

/** A pending change as a line of the inbox. */
export function summaryOf({ pending, waitingFor: missing }: ListedChange): PendingChangeSummary {
  return { ...summary(pending), waitingFor: missing };
}

/** A pending change as its own page. */
export function viewOf({ pending, digest, items, review, decisions }: SeenChange): PendingChangeView {
  const { chain, requirements } = review;
  return {
    ...summary(pending),
    waitingFor: pending.status === 'PENDING' ? waitingFor(review) : [],
    revision: pending.revision,
    digest,
    items: items as unknown as PendingItemView[],
    requirements: chain.levels.flatMap(({ level, requirements: states }) =>
      states.map(({ key, needed, given, complete }) => {
        const rule = requirements.find((one) => one.key === key)?.ruleName ?? '';
        return { rule, level, needed, given, complete };
      }),
    ),
    decisions: decisions.map(({ kind, person, onBehalfOf, level, revision, comment, createdAt: at }) => {
      return { kind, person, onBehalfOf, level, revision, comment, at };
    }),
  };
}

function summary({
  id,
  status,
  maker,
  effectiveAt,
  image,
}: PendingChangeRow): Omit<PendingChangeSummary, 'waitingFor'> {
  const text = (name: string) => (image[name] ?? null) as string | null;
  return {
    id,
    status,
    objectName: String(image.objectName),
    maker,
    reason: text('reason'),
    submittedAt: String(image.createdAt),
    expiresAt: text('expiresAt'),
    effectiveAt,
    outcome: text('outcome'),
  };
}
