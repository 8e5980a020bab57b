import { evaluateCondition } from '@countersign/policy';
import {
  type AggregateAsk,
  type FigureAsk,
  figureType,
  type GroupAsk,
  type GroupOrder,
  type HavingAsk,
  nameOf,
} from './aggregate-asks';
import type { Slot } from './asks';
import { decimalText, rounded, unitsOf } from './exact';
import type { Row } from './load-rows';
import { compareUpwards } from './order-rows';
import { judgedSlots } from './pages';
import { dayAt, dayOf, periodOf } from './periods';
import { Refused } from './refused';
import type { Standing } from './standing';

type View = Record<string, unknown>;

/** An aggregate whose values were judged. */
export interface JudgedAggregate {
  readonly ask: AggregateAsk;
  readonly values: ReadonlyMap<Slot, unknown>;
}

interface Group {
  readonly keys: ReadonlyMap<GroupAsk, unknown>;
  readonly rows: readonly Row[];
}

/** Judges what a client gave to an aggregate. Throws {@link Refused}. */
export function judgeAggregate(ask: AggregateAsk): JudgedAggregate {
  for (const { period } of ask.keys) if (period && !isZone(period.timeZone)) throw new Refused('BAD_USER_INPUT');
  return { ask, values: judgedSlots(ask.slots) };
}

/** Only names: Intl knows offsets such as +05:30 as well. */
function isZone(name: string): boolean {
  try {
    return (
      new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && /^[A-Za-z]/.test(name)
    );
  } catch {
    return false;
  }
}

/** The answer of an aggregate over some visible records, as graphql-js's default resolvers take it. */
export function aggregateOf(judged: JudgedAggregate, standing: Standing, candidates: readonly Row[]): View {
  return new Aggregate(judged, standing).view(candidates);
}

class Aggregate {
  private readonly ask: AggregateAsk;
  private readonly figures = new Map<Group, Map<string, unknown>>();

  constructor(
    private readonly judged: JudgedAggregate,
    private readonly standing: Standing,
  ) {
    this.ask = judged.ask;
  }

  view(candidates: readonly Row[]): View {
    const { having, order, size } = this.ask;
    const groups = this.groups(candidates).filter((group) => having === null || this.holds(having, group) === true);
    groups.sort((one, other) => this.compare(order, one, other));
    return { hasMore: groups.length > size, groups: groups.slice(0, size).map((group) => this.groupView(group)) };
  }

  private groups(candidates: readonly Row[]): Group[] {
    const { object, condition, keys } = this.ask;
    const { visible, caller } = this.standing;
    const context = {
      catalogue: visible.catalogue,
      object,
      principal: caller.values,
      request: (slot: unknown) => this.judged.values.get(slot as Slot),
      related: visible.related,
    };
    const rows = candidates.filter((row) => !condition || evaluateCondition(condition, row, context) === true);
    // Everything is one group, also where there is nothing.
    if (keys.length === 0) return [{ keys: new Map(), rows }];
    const groups = new Map<string, { keys: Map<GroupAsk, unknown>; rows: Row[] }>();
    for (const row of rows) {
      const values = new Map(keys.map((key) => [key, this.keyOf(key, row)] as const));
      const name = JSON.stringify([...values.values()]);
      const known = groups.get(name);
      if (known) known.rows.push(row);
      else groups.set(name, { keys: values, rows: [row] });
    }
    return [...groups.values()];
  }

  private keyOf({ relation, field, period }: GroupAsk, row: Row): unknown {
    // A parent that the caller may not see is none.
    const holder = relation ? this.standing.visible.one(relation.target, row[relation.name]) : row;
    const value = holder?.[field.name] ?? null;
    if (value === null || !period) return value;
    const text = String(value);
    return periodOf(field.type.kind === 'date' ? dayOf(text) : dayAt(text, period.timeZone), period.unit);
  }

  private figureOf(figure: FigureAsk, group: Group): unknown {
    const known = this.figures.get(group) ?? new Map<string, unknown>();
    this.figures.set(group, known);
    const name = nameOf(figure);
    if (!known.has(name)) known.set(name, this.workOut(figure, group));
    return known.get(name);
  }

  private workOut({ of, member }: FigureAsk, { rows }: Group): unknown {
    if (!member) return rows.length;
    const values = rows
      .map((row) => row[member.name] ?? null)
      .filter((value) => value !== null)
      .filter((value) => member.kind === 'field' || this.standing.visible.one(member.target, value) !== null);
    if (of === 'countDistinct') return new Set(values).size;
    if (member.kind !== 'field') throw new Error(`${of} of a relation`);
    if (values.length === 0) return null;
    const { type } = member;
    const scale = type.kind === 'decimal' ? type.scale : 0;
    const sum = () => values.reduce((units: bigint, value) => units + unitsOf(value), 0n);
    switch (of) {
      case 'sum':
        return decimalText(sum(), scale);
      case 'avg':
        return decimalText(rounded(sum() * 1_000_000n, BigInt(values.length)), scale + 6);
      default: {
        const sorted = [...values].sort((one, other) => compareUpwards(type, one, other));
        return of === 'min' ? sorted[0] : sorted.at(-1);
      }
    }
  }

  /** Three-valued: null is unknown. */
  private holds(having: HavingAsk, group: Group): boolean | null {
    switch (having.kind) {
      case 'not': {
        const inner = this.holds(having.of, group);
        return inner === null ? null : !inner;
      }
      case 'all':
      case 'any': {
        const settles = having.kind === 'any';
        const found = having.of.map((part) => this.holds(part, group));
        if (found.includes(settles)) return settles;
        return found.includes(null) ? null : !settles;
      }
      case 'compare': {
        const value = this.figureOf(having.figure, group);
        const given = this.judged.values.get(having.slot);
        if (having.operator === 'isNull') return (value === null) === given;
        // As in SQL: nothing is among no values, be it unknown or not.
        if (having.operator === 'in' && (given as unknown[]).length === 0) return false;
        if (value === null) return null;
        const against = (other: unknown) => compareUpwards(having.type, value, other);
        switch (having.operator) {
          case 'eq':
            return against(given) === 0;
          case 'ne':
            return against(given) !== 0;
          case 'lt':
            return against(given) < 0;
          case 'lte':
            return against(given) <= 0;
          case 'gt':
            return against(given) > 0;
          case 'gte':
            return against(given) >= 0;
          case 'in':
            return (given as unknown[]).some((one) => against(one) === 0);
          case 'contains':
            return String(value).includes(String(given));
          case 'startsWith':
            return String(value).startsWith(String(given));
          default:
            throw new Error(`nobody compares by ${having.operator}`);
        }
      }
    }
  }

  private compare(order: readonly GroupOrder[], one: Group, other: Group): number {
    for (const { key, figure, direction } of order) {
      const value = (group: Group) => (key ? group.keys.get(key) : this.figureOf(figure, group));
      const type = key ? (key.period ? ({ kind: 'date' } as const) : key.field.type) : figureType(figure);
      const found = compareUpwards(type, value(one), value(other));
      if (found !== 0) return direction === 'ASC' ? found : -found;
    }
    return 0;
  }

  /** Holds what is grouped by and worked out, and nothing else. */
  private groupView(group: Group): View {
    const view: View = Object.create(null);
    const below = (at: View, name: string) => {
      at[name] ??= Object.create(null);
      return at[name] as View;
    };
    below(view, 'key');
    for (const name of ['countDistinct', 'sum', 'avg', 'min', 'max']) below(view, name);
    for (const [{ relation, field }, value] of group.keys) {
      const keys = view.key as View;
      (relation ? below(keys, relation.name) : keys)[field.name] = value;
    }
    for (const figure of this.ask.figures) {
      const { of, member } = figure;
      (member ? below(view, of) : view)[member?.name ?? of] = this.figureOf(figure, group);
    }
    return view;
  }
}
