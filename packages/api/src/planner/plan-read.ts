import { buildCondition, type Condition, ConditionInvalid, type RowScope } from '@countersign/policy';
import {
  aggregateName,
  type Catalogue,
  type CatalogueField,
  type CatalogueObject,
  memberOf,
  objectOf,
  type ToManyRelation,
  type ToOneRelation,
} from '@countersign/schema';
import type { FieldNode, GraphQLField, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { Fault } from '../path/faults';
import type { Limits } from '../path/limits';
import { argumentSources } from './argument-sources';
import { collectSelections, type DocumentParts } from './collect-selections';
import { checkedPageSize, isLiteralSize, sizeBucket } from './page-sizes';
import { type AroundAggregate, planAggregate } from './plan-aggregate';
import {
  type ConnectionPart,
  type ConnectionPlan,
  type EdgePart,
  type Page,
  type PageInfoPart,
  type ReadPlan,
  type RecordPlan,
  type RecordSelection,
  type SortKey,
  UNDECIDED,
} from './read-plan';
import { isSource, resolveSource, type Source, type SourceTree } from './source';

/** Nothing is decided while planning; *decide* puts the scopes in. */
const NO_SCOPE: RowScope = { kind: 'never' };

export interface PlanInput extends DocumentParts {
  readonly catalogue: Catalogue;
  /** The whole served schema of the catalogue: it says what arguments a field takes. */
  readonly schema: GraphQLSchema;
  readonly limits: Limits;
}

/** Plans the root field `object(id:)`. The field nodes are those merged under one response key. */
export function planOne(input: PlanInput, objectName: string, nodes: readonly FieldNode[]): ReadPlan {
  const object = objectOf(input.catalogue, objectName);
  const root = input.schema.getQueryType()!.getFields()[object.singular]!;
  const id = argumentSources(root, nodes[0]!.arguments, input.variables).id;
  if (!isSource(id)) throw new Fault('BAD_USER_INPUT');
  return planInner(input, objectName, nodes, id);
}

/** Plans the record that a mutation's payload or a verb leads to; `id` is where its id will be found. */
export function planInner(input: PlanInput, objectName: string, nodes: readonly FieldNode[], id: Source): ReadPlan {
  const planner = new Planner(input);
  const record = planner.record(objectOf(input.catalogue, objectName), nodes);
  const { cost } = planner;
  return { kind: 'one', object: objectName, id, scope: NO_SCOPE, record, cost, ...UNDECIDED };
}

/** Plans the root field `objects(where:, …)`. Throws COST_LIMIT and BAD_USER_INPUT. */
export function planMany(input: PlanInput, objectName: string, nodes: readonly FieldNode[]): ReadPlan {
  const planner = new Planner(input);
  const object = objectOf(input.catalogue, objectName);
  const root = input.schema.getQueryType()!.getFields()[object.plural]!;
  const connection = planner.connection(object, null, root, nodes);
  return { kind: 'many', connection, cost: planner.cost, ...UNDECIDED };
}

/** Plans the root field `objectsAggregate(where:, groupBy:, …)`. Throws COST_LIMIT and BAD_USER_INPUT. */
export function planFigures(input: PlanInput, objectName: string, nodes: readonly FieldNode[]): ReadPlan {
  const object = objectOf(input.catalogue, objectName);
  const root = input.schema.getQueryType()!.getFields()[aggregateName(object.plural)]!;
  const planner = new Planner(input);
  const aggregate = planAggregate(planner, object, null, root, nodes);
  return { kind: 'aggregate', aggregate, cost: planner.cost, ...UNDECIDED };
}

class Planner implements AroundAggregate {
  /** Records that pages above this point may hold: a nested page costs this many times its own size. */
  private factor = 1;
  private spent = 0;

  constructor(readonly input: PlanInput) {}

  /** Values that everything planned so far may answer. */
  get cost(): number {
    return this.spent;
  }

  record(object: CatalogueObject, nodes: readonly FieldNode[]): RecordPlan {
    const selections: RecordSelection[] = [];
    for (const [key, fields] of collectSelections(nodes, this.input)) {
      selections.push(this.selection(object, key, fields));
    }
    this.spend(selections.length);
    return { object: object.name, selections };
  }

  private selection(object: CatalogueObject, key: string, nodes: readonly FieldNode[]): RecordSelection {
    const name = nodes[0]!.name.value;
    if (name === '__typename') return { kind: 'typename', key };
    const member = memberOf(object, name);
    if (!member) return this.aggregate(object, key, name, nodes);
    if (member.kind === 'field') return { kind: 'field', key, field: member, see: 'none' };
    const target = objectOf(this.input.catalogue, member.target);
    if (member.kind === 'to-one') {
      return { kind: 'to-one', key, relation: member, scope: NO_SCOPE, record: this.record(target, nodes) };
    }
    const via = memberOf(target, member.via) as ToOneRelation;
    const connection = this.connection(target, via, this.served(object, name), nodes);
    return { kind: 'to-many', key, relation: member, connection };
  }

  /** `invoicesAggregate` beside the relation `invoices`. */
  private aggregate(object: CatalogueObject, key: string, name: string, nodes: readonly FieldNode[]): RecordSelection {
    const relation = object.members.find(
      (member): member is ToManyRelation => member.kind === 'to-many' && aggregateName(member.name) === name,
    );
    if (!relation)
      throw new Fault('GRAPHQL_VALIDATION_FAILED', { inside: `${object.name}.${name} is not in the catalogue` });
    const target = objectOf(this.input.catalogue, relation.target);
    const via = memberOf(target, relation.via) as ToOneRelation;
    const aggregate = planAggregate(this, target, via, this.served(object, name), nodes);
    return { kind: 'aggregate', key, relation, aggregate };
  }

  private served(object: CatalogueObject, name: string): GraphQLField<unknown, unknown> {
    return (this.input.schema.getType(object.name) as GraphQLObjectType).getFields()[name]!;
  }

  connection(
    object: CatalogueObject,
    via: ToOneRelation | null,
    field: GraphQLField<unknown, unknown>,
    nodes: readonly FieldNode[],
  ): ConnectionPlan {
    const given = argumentSources(field, nodes[0]!.arguments, this.input.variables);
    const page = this.page(given);
    const parts = this.within(page.most, () =>
      [...collectSelections(nodes, this.input)].map(([key, fields]) => this.part(object, key, fields)),
    );
    return {
      object: object.name,
      via,
      scope: NO_SCOPE,
      where: given.where === undefined ? null : this.where(object, given.where),
      stepScopes: new Map(),
      whereTree: given.where,
      orderBy: this.orderBy(object, given.orderBy),
      page,
      parts,
    };
  }

  private part(object: CatalogueObject, key: string, nodes: readonly FieldNode[]): ConnectionPart {
    const name = nodes[0]!.name.value;
    switch (name) {
      case 'nodes':
        return { kind: 'nodes', key, record: this.record(object, nodes) };
      case 'edges': {
        const parts = [...collectSelections(nodes, this.input)].map(([inner, fields]): EdgePart => {
          const edge = fields[0]!.name.value;
          if (edge === 'node') return { kind: 'node', key: inner, record: this.record(object, fields) };
          return { kind: edge === 'cursor' ? 'cursor' : 'typename', key: inner };
        });
        return { kind: 'edges', key, parts };
      }
      case 'pageInfo': {
        const parts = [...collectSelections(nodes, this.input)].map(([inner, fields]): PageInfoPart => {
          const part = fields[0]!.name.value;
          return { kind: part === '__typename' ? 'typename' : (part as PageInfoPart['kind']), key: inner };
        });
        return { kind: 'pageInfo', key, parts };
      }
      case 'totalCount':
        this.spend(1);
        return { kind: 'totalCount', key };
      default:
        return { kind: 'typename', key };
    }
  }

  page(given: Readonly<Record<string, SourceTree>>): Page {
    const { first, last } = given;
    const after = isSource(given.after) ? given.after : null;
    const before = isSource(given.before) ? given.before : null;
    if (first !== undefined && last !== undefined) {
      throw new Fault('BAD_USER_INPUT', { message: 'Give first or last, not both.' });
    }
    const asked = isSource(first) ? first : isSource(last) ? last : null;
    const direction = isSource(last) ? 'backward' : 'forward';
    if (asked === null)
      return { direction, size: this.input.limits.defaultPage, most: this.input.limits.defaultPage, after, before };
    const value = resolveSource(asked, this.input.variables);
    const size = checkedPageSize(value, this.input.limits.page);
    if (isLiteralSize(size) || asked.kind === 'constant') return { direction, size, most: size, after, before };
    // The size is bound: every size of the same bucket shares the plan.
    return { direction, size: asked, most: Math.min(sizeBucket(size), this.input.limits.page), after, before };
  }

  where(object: CatalogueObject, tree: SourceTree): Condition {
    try {
      return buildCondition(this.input.catalogue, object.name, tree, (_type, raw, path) => {
        if (isSource(raw)) return { from: 'request', slot: raw };
        throw new ConditionInvalid([`${path}: null cannot be compared with; use isNull`]);
      });
    } catch (error) {
      if (error instanceof ConditionInvalid) throw new Fault('BAD_USER_INPUT', { message: error.problems.join('; ') });
      throw error;
    }
  }

  private orderBy(object: CatalogueObject, given: SourceTree | undefined): SortKey[] {
    const keys: SortKey[] = [];
    // Sort orders are part of the variable shape, so their values may be read while planning.
    for (const entry of Array.isArray(given) ? (given as SourceTree[]) : []) {
      const [[name, direction] = ['', null]] = Object.entries(entry ?? {});
      const field = memberOf(object, name);
      if (field?.kind !== 'field' || !isSource(direction))
        throw new Fault('BAD_USER_INPUT', { message: 'orderBy takes one field in each entry.' });
      if (keys.some((key) => key.field === field))
        throw new Fault('BAD_USER_INPUT', { message: `orderBy names ${name} twice.` });
      const value = resolveSource(direction, this.input.variables);
      keys.push({ field, direction: value === 'DESC' ? 'DESC' : 'ASC' });
    }
    if (keys.some((key) => key.field.name === 'id'))
      return keys.slice(0, keys.findIndex((key) => key.field.name === 'id') + 1);
    const id = memberOf(object, 'id') as CatalogueField;
    return [...keys, { field: id, direction: keys.at(-1)?.direction ?? 'ASC' }];
  }

  within<T>(records: number, run: () => T): T {
    const outer = this.factor;
    this.factor = outer * records;
    try {
      return run();
    } finally {
      this.factor = outer;
    }
  }

  spend(values: number): void {
    this.spent += values * this.factor;
    if (this.spent > this.input.limits.cost) {
      throw new Fault('COST_LIMIT', {
        message: `The operation may ask for at most ${this.input.limits.cost} values; ask for smaller pages.`,
      });
    }
  }
}
