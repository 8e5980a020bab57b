import { buildCondition, type Condition, ConditionInvalid } from '@countersign/policy';
import {
  type Catalogue,
  type CatalogueField,
  type CatalogueMember,
  type CatalogueObject,
  type FieldType,
  memberOf,
  objectOf,
  type ToManyRelation,
} from '@countersign/schema';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
} from 'graphql';
import { collectSubfields } from 'graphql/execution/collectFields';
import { type AggregateAsk, readAggregate } from './aggregate-asks';
import type { SortKey } from './order-rows';
import { Refused } from './refused';

/*
 * What a document asks for, with graphql-js's own merging of selections and reading of arguments. Nothing here knows who
 * asks.
 */

export interface FieldAsk {
  readonly key: string;
  readonly member: CatalogueMember;
  readonly record?: RecordAsk;
  readonly connection?: ConnectionAsk;
  /** Figures over what the member, a relation to many, leads to. */
  readonly aggregate?: AggregateAsk;
}

export interface RecordAsk {
  readonly object: string;
  readonly fields: readonly FieldAsk[];
}

/** A value that a filter compares with, as it came. */
export interface Slot {
  readonly type: FieldType;
  readonly raw: unknown;
  readonly list: boolean;
}

export interface ConnectionAsk {
  readonly object: string;
  readonly via: string | null;
  readonly where: unknown;
  /** The filter with a {@link Slot} for each value, all of which are in `slots` as well. */
  readonly condition: Condition | null;
  readonly slots: readonly Slot[];
  readonly order: readonly SortKey[];
  readonly backward: boolean;
  readonly size: number;
  readonly after: unknown;
  readonly before: unknown;
  /** The records on the page: under `nodes`, and under `edges` and `node`. */
  readonly records: readonly { readonly keys: readonly string[]; readonly record: RecordAsk }[];
  /** False when nothing but the name of the type is asked for. */
  readonly looksAtRecords: boolean;
}

export interface AskGround {
  readonly catalogue: Catalogue;
  readonly schema: GraphQLSchema;
  readonly limits: { readonly page: number; readonly defaultPage: number };
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variables: Record<string, unknown>;
}

/** Reads asks. Throws {@link Refused} for arguments that make no sense, whoever gives them. */
export class AskReader {
  /** Every connection by the response keys down to it. */
  readonly connections = new Map<string, ConnectionAsk>();
  /** Every aggregate by the response keys down to it. */
  readonly aggregates = new Map<string, AggregateAsk>();

  constructor(readonly ground: AskGround) {}

  argumentsOf(type: GraphQLObjectType, nodes: readonly FieldNode[]): Record<string, unknown> {
    const [node] = nodes;
    return getArgumentValues(type.getFields()[node!.name.value]!, node!, this.ground.variables);
  }

  record(object: CatalogueObject, nodes: readonly FieldNode[], place: readonly string[]): RecordAsk {
    const fields: FieldAsk[] = [];
    for (const [key, inner] of this.below(object.name, nodes)) {
      const name = inner[0]!.name.value;
      if (name === '__typename') continue;
      const member = memberOf(object, name);
      const at = [...place, key];
      if (!member) {
        const relation = aggregated(object, name);
        const given = this.argumentsOf(this.typeOf(object.name), inner);
        const target = objectOf(this.ground.catalogue, relation.target);
        fields.push({ key, member: relation, aggregate: this.aggregate(target, given, inner, at) });
      } else if (member.kind === 'field') fields.push({ key, member });
      else {
        const target = objectOf(this.ground.catalogue, member.target);
        if (member.kind === 'to-one') fields.push({ key, member, record: this.record(target, inner, at) });
        else {
          const given = this.argumentsOf(this.typeOf(object.name), inner);
          fields.push({ key, member, connection: this.connection(target, member.via, given, inner, at) });
        }
      }
    }
    return { object: object.name, fields };
  }

  connection(
    object: CatalogueObject,
    via: string | null,
    given: Record<string, unknown>,
    nodes: readonly FieldNode[],
    place: readonly string[],
  ): ConnectionAsk {
    const backward = given.last !== null && given.last !== undefined;
    if (backward && given.first !== null && given.first !== undefined) throw new Refused('BAD_USER_INPUT');
    const slots: Slot[] = [];
    const where = given.where ?? null;
    const parts = [...this.below(`${object.name}Connection`, nodes)];
    const ask: ConnectionAsk = {
      object: object.name,
      via,
      where,
      condition: where === null ? null : this.condition(object.name, where, slots),
      slots,
      order: this.order(object, given.orderBy),
      backward,
      size: this.size(given.last ?? given.first),
      after: given.after ?? null,
      before: given.before ?? null,
      records: parts.flatMap(([key, inner]) => this.listed(object, key, inner, place)),
      looksAtRecords: parts.some(([, [node]]) => node!.name.value !== '__typename'),
    };
    this.connections.set(place.join('.'), ask);
    return ask;
  }

  aggregate(
    object: CatalogueObject,
    given: Record<string, unknown>,
    nodes: readonly FieldNode[],
    place: readonly string[],
  ): AggregateAsk {
    const ask = readAggregate(this, object, given, nodes);
    this.aggregates.set(place.join('.'), ask);
    return ask;
  }

  private listed(object: CatalogueObject, key: string, nodes: readonly FieldNode[], place: readonly string[]) {
    const at = [...place, key];
    switch (nodes[0]!.name.value) {
      case 'nodes':
        return [{ keys: [key], record: this.record(object, nodes, at) }];
      case 'edges':
        return [...this.below(`${object.name}Edge`, nodes)].flatMap(([inner, found]) => {
          if (found[0]!.name.value !== 'node') return [];
          return [{ keys: [key, inner], record: this.record(object, found, [...at, inner]) }];
        });
      default:
        return [];
    }
  }

  size(given: unknown, otherwise = this.ground.limits.defaultPage): number {
    const { page } = this.ground.limits;
    if (given === null || given === undefined) return otherwise;
    const size = Number(given);
    if (size < 0 || size > page) throw new Refused('BAD_USER_INPUT');
    return size;
  }

  /** What decides nothing (`or: [{}, …]`) is no part of a condition, and its values are not judged. */
  condition(object: string, where: unknown, slots: Slot[]): Condition {
    try {
      const condition = buildCondition(this.ground.catalogue, object, where, (type, raw, _path, list) => {
        return { from: 'request', slot: { type, raw, list } };
      });
      slots.push(...slotsOf(condition));
      return condition;
    } catch (error) {
      if (error instanceof ConditionInvalid) throw new Refused('BAD_USER_INPUT');
      throw error;
    }
  }

  /** Ends in the id, so that no two records are equal; what is named behind the id decides nothing. */
  private order(object: CatalogueObject, given: unknown): SortKey[] {
    const order: SortKey[] = [];
    for (const entry of (given ?? []) as Record<string, 'ASC' | 'DESC'>[]) {
      const [name, direction] = Object.entries(entry)[0]!;
      if (order.some(({ field }) => field.name === name)) throw new Refused('BAD_USER_INPUT');
      order.push({ field: memberOf(object, name) as CatalogueField, direction });
    }
    const byId = order.findIndex(({ field }) => field.name === 'id');
    if (byId >= 0) return order.slice(0, byId + 1);
    return [...order, { field: memberOf(object, 'id') as CatalogueField, direction: order.at(-1)?.direction ?? 'ASC' }];
  }

  below(type: string, nodes: readonly FieldNode[]) {
    const { schema, fragments, variables } = this.ground;
    return collectSubfields(schema, { ...fragments }, variables, this.typeOf(type), nodes);
  }

  private typeOf(name: string): GraphQLObjectType {
    return this.ground.schema.getType(name) as GraphQLObjectType;
  }
}

/** The relation whose records an aggregate beside it is about. */
function aggregated(object: CatalogueObject, name: string): ToManyRelation {
  const relation = object.members.find((member): member is ToManyRelation => {
    return member.kind === 'to-many' && `${member.name}Aggregate` === name;
  });
  if (!relation) throw new Error(`${object.name}.${name} got past validation`);
  return relation;
}

function slotsOf(condition: Condition): Slot[] {
  switch (condition.kind) {
    case 'constant':
      return [];
    case 'all':
    case 'any':
      return condition.of.flatMap(slotsOf);
    case 'not':
    case 'step':
      return slotsOf(condition.of);
    case 'compare':
    case 'isNull':
      return condition.operand.from === 'request' ? [condition.operand.slot as Slot] : [];
  }
}
