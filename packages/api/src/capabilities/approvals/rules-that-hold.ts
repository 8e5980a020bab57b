import { type ApprovalRule, parseTrigger, ruleHolds, TriggerInvalid, triggerPaths } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import type { RecordImage } from '../../database/record-image';
import type { Transaction } from '../../database/sql-runner';
import type { Snapshot } from '../../path/rooms';
import type { RecordWrite } from '../../records/change';
import { RecordsInView } from './records-in-view';
import { windowStarts } from './window-start';

/** A rule that holds a change set, with the records because of which it does. */
export interface HoldingRule {
  readonly rule: ApprovalRule;
  readonly writes: readonly RecordWrite[];
}

/**
 * The rules of a version that hold a change set, judged on its records before and after. What cannot be told is held.
 */
export async function rulesThatHold(
  tx: Transaction,
  { catalogue }: Pick<Snapshot, 'catalogue'>,
  rules: readonly ApprovalRule[],
  writes: readonly RecordWrite[],
  now: Date,
): Promise<HoldingRule[]> {
  const concerned = rules.filter(({ objects }) => writes.some(({ change }) => objects.includes(change.object.name)));
  if (concerned.length === 0) return [];
  const view = new RecordsInView(catalogue, writes);
  const starts = new Map<number, ReadonlyMap<string, RecordImage | null | undefined>>();
  const holding: HoldingRule[] = [];
  for (const rule of concerned) {
    const about = writes.filter(({ change }) => rule.objects.includes(change.object.name));
    if (rule.windowHours !== null && !starts.has(rule.windowHours)) {
      starts.set(rule.windowHours, await windowStarts(tx, writes, rule.windowHours, now));
    }
    const start = (id: string) => (hours: number) => starts.get(hours)?.get(id);
    for (const { change, before, after } of about) {
      for (const path of pathsOf(catalogue, rule, change.object.name)) {
        await view.load(tx, change.object.name, [before, after], path);
      }
    }
    const held = about.filter(({ change, before, after }) => {
      const review = { object: change.object.name, verb: change.verb, id: change.id, before, after };
      // A parent that changes in the same set must not take the change out of the reach of its rule.
      return (['before', 'after'] as const).some((world) =>
        ruleHolds(catalogue, rule, review, { related: view.related(world), windowStart: start(change.id) }),
      );
    });
    if (held.length > 0) holding.push({ rule, writes: held });
  }
  return holding;
}

/** A trigger that cannot be read holds whatever it is asked about; there is nothing to load for it. */
function pathsOf(catalogue: Catalogue, { trigger }: ApprovalRule, object: string): readonly (readonly string[])[] {
  if (trigger === null) return [];
  try {
    return triggerPaths(parseTrigger(catalogue, object, trigger));
  } catch (error) {
    if (error instanceof TriggerInvalid) return [];
    throw error;
  }
}
