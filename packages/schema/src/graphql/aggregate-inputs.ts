import {
  GraphQLBoolean,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from 'graphql';
import {
  type Catalogue,
  type CatalogueField,
  type CatalogueObject,
  objectOf,
  type StoredMember,
} from '../catalogue/catalogue';
import {
  type AggregateFunction,
  aggregateType,
  groupableMembers,
  groupableParentFields,
  hasExtremes,
  isSummable,
} from './aggregate-members';
import type { InputTypes } from './input-types';
import type { SchemaView } from './schema-view';
import { DateUnitEnum, SortDirection } from './steering-enums';

const by = { type: new GraphQLNonNull(DateUnitEnum) };

const DayGrouping = new GraphQLInputObjectType({
  name: 'DayGrouping',
  description: 'Groups calendar dates by a period.',
  fields: { by },
});

const InstantGrouping = new GraphQLInputObjectType({
  name: 'InstantGrouping',
  description: 'Groups instants by a period of the calendar of a place.',
  fields: {
    by,
    timeZone: { type: GraphQLString, description: 'An IANA name such as "Europe/Berlin"; UTC when left out.' },
  },
});

/**
 * The inputs of aggregates. Members are always named by input fields, never by values: so what a plan groups by and
 * compares is part of the variables' shape.
 */
export class AggregateInputs {
  private readonly made = new Map<string, GraphQLInputObjectType>();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly view: SchemaView,
    private readonly inputs: InputTypes,
  ) {}

  /** The members of an object that this class of callers may aggregate: they need to be clear. */
  members(object: CatalogueObject): StoredMember[] {
    return groupableMembers(object).filter(
      (member) =>
        this.view.filterable(object.name, member.name) &&
        (member.kind === 'field' || this.view.readable(member.target)),
    );
  }

  parentFields(target: string): CatalogueField[] {
    const fields = groupableParentFields(objectOf(this.catalogue, target));
    return fields.filter((field) => this.view.filterable(target, field.name));
  }

  groupBy(object: CatalogueObject): GraphQLInputType | null {
    const members = this.members(object);
    if (members.length === 0) return null;
    const one = this.once(`${object.name}AggregateGroupBy`, true, () =>
      fieldsOf(members, (member) => (member.kind === 'field' ? grouping(member) : this.parentGroupBy(member.target))),
    );
    return listOf(one);
  }

  having(object: CatalogueObject): GraphQLInputObjectType {
    const { name } = object;
    return this.once(`${name}AggregateHaving`, false, (self) => ({
      count: { type: this.inputs.filter({ kind: 'integer' }) },
      ...this.perFunction(object, (of, members) =>
        this.once(`${name}AggregateHaving${suffix(of)}`, false, () =>
          fieldsOf(members, (member) =>
            this.inputs.filter(aggregateType(of, member.kind === 'field' ? member.type : { kind: 'uuid' })),
          ),
        ),
      ),
      and: { type: listOf(self()) },
      or: { type: listOf(self()) },
      not: { type: self() },
    }));
  }

  orderBy(object: CatalogueObject): GraphQLInputType {
    const { name } = object;
    const members = this.members(object);
    const one = this.once(`${name}AggregateOrderBy`, true, () => ({
      ...(members.length > 0 ? { key: { type: this.keyOrder(object, members) } } : {}),
      count: { type: SortDirection },
      ...this.perFunction(object, (of, some) =>
        this.once(`${name}AggregateOrder${suffix(of)}`, true, () => fieldsOf(some, () => SortDirection)),
      ),
    }));
    return listOf(one);
  }

  /** One input field for each function that some member of the object has. */
  private perFunction(
    object: CatalogueObject,
    type: (of: AggregateFunction, members: readonly StoredMember[]) => GraphQLInputType,
  ): GraphQLInputFieldConfigMap {
    const fields: GraphQLInputFieldConfigMap = {};
    for (const [of, members] of functionsOver(this.members(object))) fields[of] = { type: type(of, members) };
    return fields;
  }

  private parentGroupBy(target: string): GraphQLInputObjectType {
    return this.once(`${target}AggregateParentGroupBy`, true, () => fieldsOf(this.parentFields(target), grouping));
  }

  private keyOrder(object: CatalogueObject, members: readonly StoredMember[]): GraphQLInputObjectType {
    return this.once(`${object.name}AggregateOrderKey`, true, () =>
      fieldsOf(members, (member) => (member.kind === 'field' ? SortDirection : this.parentKeyOrder(member.target))),
    );
  }

  private parentKeyOrder(target: string): GraphQLInputObjectType {
    return this.once(`${target}AggregateParentOrderKey`, true, () =>
      fieldsOf(this.parentFields(target), () => SortDirection),
    );
  }

  private once(
    name: string,
    isOneOf: boolean,
    fields: (self: () => GraphQLInputObjectType) => GraphQLInputFieldConfigMap,
  ): GraphQLInputObjectType {
    const known = this.made.get(name);
    if (known) return known;
    const type: GraphQLInputObjectType = new GraphQLInputObjectType({
      name,
      isOneOf,
      fields: () => fields(() => type),
    });
    this.made.set(name, type);
    return type;
  }
}

/** The functions that are of any use over some members, each with those it takes. */
export function functionsOver(members: readonly StoredMember[]): [AggregateFunction, readonly StoredMember[]][] {
  const numbers = members.filter(isSummable);
  const ordered = members.filter(hasExtremes);
  const all: [AggregateFunction, readonly StoredMember[]][] = [
    ['countDistinct', members],
    ['sum', numbers],
    ['avg', numbers],
    ['min', ordered],
    ['max', ordered],
  ];
  return all.filter(([, some]) => some.length > 0);
}

/** Functions over the same members share a type, except where their results are compared differently. */
function suffix(of: AggregateFunction): string {
  switch (of) {
    case 'countDistinct':
      return 'Counts';
    case 'sum':
    case 'avg':
      return 'Numbers';
    case 'min':
    case 'max':
      return 'Extremes';
  }
}

function grouping(field: CatalogueField): GraphQLInputType {
  if (field.type.kind === 'date') return DayGrouping;
  return field.type.kind === 'timestamp' ? InstantGrouping : GraphQLBoolean;
}

function fieldsOf<T extends StoredMember>(
  members: readonly T[],
  type: (member: T) => GraphQLInputType,
): GraphQLInputFieldConfigMap {
  return Object.fromEntries(members.map((member) => [member.name, { type: type(member) }]));
}

function listOf(type: GraphQLInputObjectType): GraphQLInputType {
  return new GraphQLList(new GraphQLNonNull(type));
}

/** How many groups are asked for at most. */
export const groupLimit = {
  type: GraphQLInt,
  description: 'How many groups at most; the largest page size when left out.',
};
