import { type Condition, type RowScope } from '@countersign/policy';
import {
  type CatalogueObject,
  DATE_UNITS,
  groupableMembers,
  groupableParentFields,
  objectOf,
  type StoredMember,
  type ToOneRelation,
} from '@countersign/schema';
import type { FieldNode, GraphQLField } from 'graphql';
import { Fault } from '../path/faults';
import type { AggregatePart, AggregatePlan, GroupKey, GroupPart, GroupSort } from './aggregate-plan';
import { argumentSources } from './argument-sources';
import { collectSelections } from './collect-selections';
import { Measures } from './measures';
import { planHaving } from './plan-having';
import type { PlanInput } from './plan-read';
import type { Page } from './read-plan';
import { isSource, resolveSource, type SourceTree, source } from './source';

const UNDECIDED: RowScope = { kind: 'never' };

/** What planning an aggregate needs of the plan that it is a part of. */
export interface AroundAggregate {
  readonly input: PlanInput;
  where(object: CatalogueObject, tree: SourceTree): Condition;
  page(given: Readonly<Record<string, SourceTree>>): Page;
  spend(values: number): void;
  /** Counts what is spent inside once for each of so many records. */
  within<T>(records: number, run: () => T): T;
}

/** Plans `invoicesAggregate(…)`, at the root or below a record. Throws COST_LIMIT and BAD_USER_INPUT. */
export function planAggregate(
  around: AroundAggregate,
  object: CatalogueObject,
  via: ToOneRelation | null,
  field: GraphQLField<unknown, unknown>,
  nodes: readonly FieldNode[],
): AggregatePlan {
  const given = argumentSources(field, nodes[0]!.arguments, around.input.variables);
  const planner = new AggregatePlanner(around, object);
  const keys = planner.keys(given.groupBy);
  const first = given.first ?? source({ kind: 'constant', value: around.input.limits.page });
  const page = around.page({ first });
  const most = keys.length === 0 ? Math.min(1, page.most) : page.most;
  const parts = around.within(most, () => planner.parts(nodes));
  const having = given.having === undefined ? null : planHaving(planner.measures, given.having);
  const orderBy = planner.orderBy(given.orderBy);
  const measures = planner.measures.all;
  // Each measure is worked out over all records, however few groups are answered.
  around.spend(keys.length + measures.length);
  return {
    object: object.name,
    via,
    scope: UNDECIDED,
    where: given.where === undefined ? null : around.where(object, given.where),
    stepScopes: new Map(),
    keys,
    measures,
    having,
    orderBy,
    page,
    parts,
  };
}

class AggregatePlanner {
  readonly measures: Measures;
  private grouped: readonly GroupKey[] = [];

  constructor(
    private readonly around: AroundAggregate,
    private readonly object: CatalogueObject,
  ) {
    this.measures = new Measures(object);
  }

  /** Member names are input fields, and so part of the variable shape: they may be read while planning. */
  keys(given: SourceTree | undefined): readonly GroupKey[] {
    const keys: GroupKey[] = [];
    for (const entry of listOf(given)) {
      const key = this.groupKey(entry);
      if (keys.some((other) => other.relation === key.relation && other.field === key.field)) {
        throw refused(`groupBy names ${nameOf(key)} twice.`);
      }
      keys.push(key);
    }
    this.grouped = keys;
    return keys;
  }

  parts(nodes: readonly FieldNode[]): AggregatePart[] {
    return [...collectSelections(nodes, this.around.input)].map(([key, fields]): AggregatePart => {
      const name = fields[0]!.name.value;
      if (name === 'groups') return { kind: 'groups', key, parts: this.groupParts(fields) };
      return { kind: name === 'hasMore' ? 'hasMore' : 'typename', key };
    });
  }

  orderBy(given: SourceTree | undefined): GroupSort[] {
    const sorts: GroupSort[] = [];
    for (const entry of listOf(given)) {
      const [name, inner] = only(entry, 'orderBy');
      const sort = name === 'key' ? this.keySort(inner) : this.measureSort(name, inner);
      if (sorts.some((other) => other.by === sort.by && other.index === sort.index)) {
        throw refused('orderBy names the same value twice.');
      }
      sorts.push(sort);
    }
    // No two groups have all keys alike, so the order is total.
    this.grouped.forEach((_, index) => {
      if (!sorts.some((sort) => sort.by === 'key' && sort.index === index))
        sorts.push({ by: 'key', index, direction: 'ASC' });
    });
    return sorts;
  }

  private groupKey(entry: SourceTree): GroupKey {
    const [name, how] = only(entry, 'groupBy');
    const member = groupableMembers(this.object).find((candidate) => candidate.name === name);
    if (!member) throw refused(`${this.object.name} cannot be grouped by ${name}.`);
    if (member.kind === 'field') return this.fieldKey(null, member, how);
    const [inner, howInner] = only(how, `groupBy.${name}`);
    const field = this.parentFields(member).find((candidate) => candidate.name === inner);
    if (!field) throw refused(`${this.object.name} cannot be grouped by ${name}.${inner}.`);
    return this.fieldKey(member, field, howInner);
  }

  private fieldKey(relation: ToOneRelation | null, field: GroupKey['field'], how: SourceTree): GroupKey {
    if (field.type.kind !== 'date' && field.type.kind !== 'timestamp') {
      if (this.read(how) !== true) throw refused(`groupBy takes true for ${field.name}.`);
      return { relation, field, period: null };
    }
    if (how === null || isSource(how) || Array.isArray(how)) throw refused(`groupBy needs a period for ${field.name}.`);
    const { by, timeZone } = how as { readonly [name: string]: SourceTree };
    const unit = DATE_UNITS.find((candidate) => candidate === this.read(by ?? null));
    if (!unit) throw refused(`groupBy needs a period for ${field.name}.`);
    const zone = isSource(timeZone) ? timeZone : source({ kind: 'constant', value: 'UTC' });
    return { relation, field, period: { unit, timeZone: zone } };
  }

  private keySort(tree: SourceTree): GroupSort {
    const [name, inner] = only(tree, 'orderBy.key');
    const parent = isSource(inner) || inner === null ? null : only(inner, `orderBy.key.${name}`);
    const index = this.keyIndex(parent ? name : null, parent ? parent[0] : name);
    return { by: 'key', index, direction: this.direction(parent ? parent[1] : inner) };
  }

  private measureSort(name: string, inner: SourceTree): GroupSort {
    if (name === 'count')
      return { by: 'measure', index: this.measures.count('sort'), direction: this.direction(inner) };
    const [member, direction] = only(inner, `orderBy.${name}`);
    const index = this.measures.index(name, member, 'sort');
    return { by: 'measure', index, direction: this.direction(direction) };
  }

  private groupParts(nodes: readonly FieldNode[]): GroupPart[] {
    return this.each(nodes, 'Group', (key, name, fields) => {
      if (name === 'count') return { kind: 'measure', key, index: this.measures.count('aggregate') };
      return { kind: 'branch', key, parts: name === 'key' ? this.keyParts(fields) : this.measureParts(name, fields) };
    });
  }

  private keyParts(nodes: readonly FieldNode[]): GroupPart[] {
    return this.each(nodes, 'Key', (key, name, fields) => {
      const member = groupableMembers(this.object).find((candidate) => candidate.name === name);
      if (member?.kind !== 'to-one') return { kind: 'key', key, index: this.keyIndex(null, name) };
      const parts = this.each(
        fields,
        'ParentKey',
        (inner, field) => {
          return { kind: 'key', key: inner, index: this.keyIndex(name, field) };
        },
        member.target,
      );
      return { kind: 'branch', key, parts };
    });
  }

  private measureParts(of: string, nodes: readonly FieldNode[]): GroupPart[] {
    const type = of === 'countDistinct' ? 'Counts' : of === 'sum' || of === 'avg' ? 'Numbers' : 'Extremes';
    return this.each(nodes, type, (key, name) => {
      return { kind: 'measure', key, index: this.measures.index(of, name, 'aggregate') };
    });
  }

  private each(
    nodes: readonly FieldNode[],
    type: string,
    part: (key: string, name: string, fields: readonly FieldNode[]) => GroupPart,
    object = this.object.name,
  ): GroupPart[] {
    return [...collectSelections(nodes, this.around.input)].map(([key, fields]): GroupPart => {
      const name = fields[0]!.name.value;
      this.around.spend(1);
      if (name === '__typename') return { kind: 'typename', key, type: `${object}Aggregate${type}` };
      return part(key, name, fields);
    });
  }

  private keyIndex(relation: string | null, field: string): number {
    const index = this.grouped.findIndex(
      (key) => (key.relation?.name ?? null) === relation && key.field.name === field,
    );
    const name = relation === null ? field : `${relation}.${field}`;
    if (index < 0) throw refused(`${name} is not in groupBy, so it is no key of these groups.`);
    return index;
  }

  private direction(tree: SourceTree): 'ASC' | 'DESC' {
    const direction = this.read(tree);
    if (direction !== 'ASC' && direction !== 'DESC') throw refused('orderBy takes one value in each entry.');
    return direction;
  }

  private parentFields(member: StoredMember & { kind: 'to-one' }) {
    return groupableParentFields(objectOf(this.around.input.catalogue, member.target));
  }

  /** Only for what the variable shape holds: Booleans and the enums that steer plans. */
  private read(tree: SourceTree): unknown {
    return isSource(tree) ? resolveSource(tree, this.around.input.variables) : null;
  }
}

function listOf(tree: SourceTree | undefined): readonly SourceTree[] {
  return Array.isArray(tree) ? (tree as readonly SourceTree[]) : [];
}

/** The one entry of an input object that takes exactly one. */
export function only(tree: SourceTree, where: string): [string, SourceTree] {
  const entries = tree === null || isSource(tree) || Array.isArray(tree) ? [] : Object.entries(tree);
  if (entries.length !== 1) throw refused(`${where} takes one field in each entry.`);
  return entries[0]!;
}

function nameOf({ relation, field }: GroupKey): string {
  return relation ? `${relation.name}.${field.name}` : field.name;
}

function refused(message: string): Fault {
  return new Fault('BAD_USER_INPUT', { message });
}
