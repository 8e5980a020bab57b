import type { Condition } from '@countersign/policy';
import {
  type CatalogueField,
  type CatalogueObject,
  type FieldType,
  memberOf,
  objectOf,
  operatorsFor,
  type StoredMember,
  type ToOneRelation,
} from '@countersign/schema';
import type { FieldNode } from 'graphql';
import type { AskReader, Slot } from './asks';
import { Refused } from './refused';

/*
 * What an aggregate asks for. The served schema has refused already what no member can do (sums of texts, groups of JSON),
 * so names are believed here.
 */

/** What records are grouped by: a field, a field of a parent, or the parent itself. */
export interface GroupAsk {
  readonly relation: ToOneRelation | null;
  readonly field: CatalogueField;
  readonly period: { readonly unit: string; readonly timeZone: string } | null;
}

export type FigureName = 'count' | 'countDistinct' | 'sum' | 'avg' | 'min' | 'max';

/** A figure of a group: of its records (count), or of the values of one member. */
export interface FigureAsk {
  readonly of: FigureName;
  readonly member: StoredMember | null;
}

export type HavingAsk =
  | { readonly kind: 'all' | 'any'; readonly of: readonly HavingAsk[] }
  | { readonly kind: 'not'; readonly of: HavingAsk }
  | {
      readonly kind: 'compare';
      readonly figure: FigureAsk;
      readonly type: FieldType;
      readonly operator: string;
      readonly slot: Slot;
    };

export type GroupOrder = { readonly direction: 'ASC' | 'DESC' } & (
  | { readonly key: GroupAsk; readonly figure?: undefined }
  | { readonly figure: FigureAsk; readonly key?: undefined }
);

export interface AggregateAsk {
  readonly object: string;
  readonly condition: Condition | null;
  readonly slots: readonly Slot[];
  readonly keys: readonly GroupAsk[];
  /** Everything that is worked out, and what for. */
  readonly figures: readonly (FigureAsk & { readonly use: 'AGGREGATE' | 'HAVING' | 'SORT' })[];
  readonly having: HavingAsk | null;
  readonly order: readonly GroupOrder[];
  readonly size: number;
}

const INTEGER: FieldType = { kind: 'integer' };
const FLAG: FieldType = { kind: 'boolean' };

/** The type of a figure. An average has six digits more than its field; sums outgrow integers. */
export function figureType({ of, member }: FigureAsk): FieldType {
  if (of === 'count' || of === 'countDistinct' || member?.kind !== 'field') return INTEGER;
  if (of === 'min' || of === 'max') return member.type;
  const scale = member.type.kind === 'decimal' ? member.type.scale : 0;
  return { kind: 'decimal', precision: 31, scale: of === 'avg' ? scale + 6 : scale };
}

/** Reads an aggregate. Throws {@link Refused}. */
export function readAggregate(
  reader: AskReader,
  object: CatalogueObject,
  given: Record<string, unknown>,
  nodes: readonly FieldNode[],
): AggregateAsk {
  const slots: Slot[] = [];
  const where = given.where ?? null;
  const keys = ((given.groupBy ?? []) as Json[]).map((entry) => groupOf(reader, object, entry));
  keys.forEach((key, at) => {
    if (keys.slice(0, at).some((other) => isSameKey(other, key))) throw new Refused('BAD_USER_INPUT');
  });
  const selected = [...selectedFigures(reader, object, keys, nodes)];
  const having = given.having === null || given.having === undefined ? null : havingOf(object, given.having, slots);
  const order = ((given.orderBy ?? []) as Json[]).map((entry) => orderOf(object, keys, entry));
  order.forEach((one, at) => {
    const same = (other: GroupOrder) =>
      one.key ? other.key === one.key : other.figure !== undefined && nameOf(other.figure) === nameOf(one.figure);
    if (order.slice(0, at).some(same)) throw new Refused('BAD_USER_INPUT');
  });
  return {
    object: object.name,
    condition: where === null ? null : reader.condition(object.name, where, slots),
    slots,
    keys,
    figures: [
      ...selected.map((figure) => ({ ...figure, use: 'AGGREGATE' as const })),
      ...comparedFigures(having).map((figure) => ({ ...figure, use: 'HAVING' as const })),
      ...order.flatMap(({ figure }) => (figure ? [{ ...figure, use: 'SORT' as const }] : [])),
    ],
    having,
    // No two groups have all their keys alike.
    order: [...order, ...keys.map((key) => ({ key, direction: 'ASC' as const }))],
    size: reader.size(given.first, reader.ground.limits.page),
  };
}

type Json = Record<string, unknown>;

export function nameOf({ of, member }: FigureAsk): string {
  return member ? `${of}.${member.name}` : of;
}

function isSameKey(one: GroupAsk, other: GroupAsk): boolean {
  return one.relation?.name === other.relation?.name && one.field.name === other.field.name;
}

function groupOf(reader: AskReader, object: CatalogueObject, entry: Json): GroupAsk {
  const [name, how] = Object.entries(entry)[0]!;
  const member = memberOf(object, name) as StoredMember;
  if (member.kind === 'field') return fieldGroup(null, member, how);
  const [inner, howInner] = Object.entries(how as Json)[0]!;
  const target = objectOf(reader.ground.catalogue, member.target);
  return fieldGroup(member, memberOf(target, inner) as CatalogueField, howInner);
}

function fieldGroup(relation: ToOneRelation | null, field: CatalogueField, how: unknown): GroupAsk {
  if (field.type.kind !== 'date' && field.type.kind !== 'timestamp') {
    if (how !== true) throw new Refused('BAD_USER_INPUT');
    return { relation, field, period: null };
  }
  const { by, timeZone } = how as Json;
  return { relation, field, period: { unit: String(by), timeZone: String(timeZone ?? 'UTC') } };
}

/** Keys may be selected only if they are grouped by. */
function* selectedFigures(
  reader: AskReader,
  object: CatalogueObject,
  keys: readonly GroupAsk[],
  nodes: readonly FieldNode[],
): Generator<FigureAsk> {
  const named = (type: string, inner: readonly FieldNode[]) =>
    [...reader.below(type, inner).values()]
      .map((same) => ({ name: same[0]!.name.value, same }))
      .filter(({ name }) => name !== '__typename');
  for (const groups of named(`${object.name}Aggregate`, nodes)) {
    if (groups.name !== 'groups') continue;
    for (const { name, same } of named(`${object.name}AggregateGroup`, groups.same)) {
      if (name === 'count') yield { of: name, member: null };
      else if (name !== 'key') {
        const of = name as FigureName;
        for (const part of named(`${object.name}Aggregate${FIGURE_TYPES[of]}`, same)) {
          yield { of, member: memberOf(object, part.name) as StoredMember };
        }
      } else {
        for (const key of named(`${object.name}AggregateKey`, same)) {
          const member = memberOf(object, key.name) as StoredMember;
          if (member.kind === 'field') keyOf(keys, null, member.name);
          else {
            for (const inner of named(`${member.target}AggregateParentKey`, key.same))
              keyOf(keys, member.name, inner.name);
          }
        }
      }
    }
  }
}

const FIGURE_TYPES: Record<FigureName, string> = {
  count: '',
  countDistinct: 'Counts',
  sum: 'Numbers',
  avg: 'Numbers',
  min: 'Extremes',
  max: 'Extremes',
};

function keyOf(keys: readonly GroupAsk[], relation: string | null, field: string): GroupAsk {
  const key = keys.find((one) => (one.relation?.name ?? null) === relation && one.field.name === field);
  if (!key) throw new Refused('BAD_USER_INPUT');
  return key;
}

function orderOf(object: CatalogueObject, keys: readonly GroupAsk[], entry: Json): GroupOrder {
  const [name, how] = Object.entries(entry)[0]!;
  if (name === 'count') return { figure: { of: name, member: null }, direction: how as 'ASC' | 'DESC' };
  const [inner, deeper] = Object.entries(how as Json)[0]!;
  const member = memberOf(object, inner) as StoredMember;
  if (name !== 'key') return { figure: { of: name as FigureName, member }, direction: deeper as 'ASC' | 'DESC' };
  if (member.kind === 'field') return { key: keyOf(keys, null, inner), direction: deeper as 'ASC' | 'DESC' };
  const [field, direction] = Object.entries(deeper as Json)[0]!;
  return { key: keyOf(keys, inner, field), direction: direction as 'ASC' | 'DESC' };
}

/** As filters do, `having` refuses what compares nothing: a variable that was left out must not show more groups. */
function havingOf(object: CatalogueObject, given: unknown, slots: Slot[]): HavingAsk {
  if (given === null) throw new Refused('BAD_USER_INPUT');
  const of = entries(given).flatMap(([name, inner]): HavingAsk[] => {
    if (inner === null) throw new Refused('BAD_USER_INPUT');
    if (name === 'not') return [{ kind: 'not', of: havingOf(object, inner, slots) }];
    if (name === 'and' || name === 'or') {
      const parts = (inner as unknown[]).map((part) => havingOf(object, part, slots));
      return [{ kind: name === 'and' ? 'all' : 'any', of: parts }];
    }
    if (name === 'count') return comparisons({ of: name, member: null }, inner, slots);
    return some(entries(inner)).flatMap(([member, operators]) => {
      return comparisons(
        { of: name as FigureName, member: memberOf(object, member) as StoredMember },
        operators,
        slots,
      );
    });
  });
  return { kind: 'all', of };
}

function comparisons(figure: FigureAsk, given: unknown, slots: Slot[]): HavingAsk[] {
  if (given === null) throw new Refused('BAD_USER_INPUT');
  const type = figureType(figure);
  return some(entries(given)).map(([operator, raw]) => {
    if (raw === null || !operatorsFor(type).some((known) => known === operator)) throw new Refused('BAD_USER_INPUT');
    const slot = { type: operator === 'isNull' ? FLAG : type, raw, list: operator === 'in' };
    slots.push(slot);
    return { kind: 'compare', figure, type, operator, slot };
  });
}

function entries(given: unknown): [string, unknown][] {
  return Object.entries(given as Json).filter(([, value]) => value !== undefined);
}

function some<T>(found: T[]): T[] {
  if (found.length === 0) throw new Refused('BAD_USER_INPUT');
  return found;
}

function comparedFigures(having: HavingAsk | null): FigureAsk[] {
  if (!having) return [];
  if (having.kind === 'compare') return [having.figure];
  return having.kind === 'not' ? comparedFigures(having.of) : having.of.flatMap(comparedFigures);
}
