import { checkLiteral, evaluateCondition } from '@countersign/policy';
import type { ConnectionAsk, Slot } from './asks';
import { CursorText } from './cursor-text';
import type { Row } from './load-rows';
import { compareKeys, keysOf } from './order-rows';
import { Refused } from './refused';
import type { Standing } from './standing';

const MOST_LIST_VALUES = 1000;

/** A connection whose values were judged: what it filters by and where its page begins and ends. */
export interface JudgedConnection {
  readonly ask: ConnectionAsk;
  readonly values: ReadonlyMap<Slot, unknown>;
  readonly after: readonly unknown[] | null;
  readonly before: readonly unknown[] | null;
  readonly cursors: CursorText;
}

/** Judges what a client gave to a connection. Throws {@link Refused}. */
export function judgeConnection(
  ask: ConnectionAsk,
  { caller }: Standing,
  sealer: ConstructorParameters<typeof CursorText>[0],
) {
  const { object, via, order, where, after, before } = ask;
  const cursors = new CursorText(sealer, { userId: caller.values.userId ?? '', object, via, order, where });
  const opened = (cursor: unknown) => {
    if (cursor === null) return null;
    const keys = cursors.open(cursor);
    if (!keys) throw new Refused('BAD_USER_INPUT');
    return keys;
  };
  return { ask, values: judgedSlots(ask.slots), after: opened(after), before: opened(before), cursors };
}

/** The values that a client compares with. Throws {@link Refused}. */
export function judgedSlots(slots: readonly Slot[]): ReadonlyMap<Slot, unknown> {
  return new Map(slots.map((slot) => [slot, judged(slot)] as const));
}

function judged({ type, raw, list }: Slot): unknown {
  const one = (value: unknown) => {
    const literal = checkLiteral(type, value);
    if ('problem' in literal) throw new Refused('BAD_USER_INPUT');
    return literal.value;
  };
  if (!list) return one(raw);
  if ((raw as unknown[]).length > MOST_LIST_VALUES) throw new Refused('BAD_USER_INPUT');
  return (raw as unknown[]).map(one);
}

export interface Page {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly totalCount: number;
}

/**
 * One page of some visible records, as Relay's connections say it, except that a page knows of records on the far side of
 * a cursor that it was given.
 */
export function pageOf(judged: JudgedConnection, standing: Standing, candidates: readonly Row[]): Page {
  const { ask, values, after, before } = judged;
  const { object, condition, order, size, backward } = ask;
  const context = {
    catalogue: standing.visible.catalogue,
    object,
    principal: standing.caller.values,
    request: (slot: unknown) => values.get(slot as Slot),
    // A relation leads to nothing that the client could not see.
    related: standing.visible.related,
  };
  const found = condition
    ? candidates.filter((row) => evaluateCondition(condition, row, context) === true)
    : candidates;
  const keyed = found.map((row) => ({ row, keys: keysOf(row, order) }));
  keyed.sort((one, other) => compareKeys(order, one.keys, other.keys));
  const isAfter = (keys: readonly unknown[]) => after === null || compareKeys(order, keys, after) > 0;
  const isBefore = (keys: readonly unknown[]) => before === null || compareKeys(order, keys, before) < 0;
  const within = keyed.filter(({ keys }) => isAfter(keys) && isBefore(keys));
  const more = within.length > size;
  const page = backward ? within.slice(Math.max(0, within.length - size)) : within.slice(0, size);
  return {
    rows: page.map(({ row }) => row),
    hasNextPage: (!backward && more) || keyed.some(({ keys }) => !isBefore(keys)),
    hasPreviousPage: (backward && more) || keyed.some(({ keys }) => !isAfter(keys)),
    totalCount: found.length,
  };
}
