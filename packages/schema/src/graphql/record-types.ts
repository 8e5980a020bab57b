import {
  GraphQLBoolean,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import {
  type Catalogue,
  type CatalogueObject,
  objectOf,
  type ToManyRelation,
  type ToOneRelation,
} from '../catalogue/catalogue';
import { aggregateName } from './aggregate-members';
import { AggregateTypes } from './aggregate-types';
import type { InputTypes } from './input-types';
import type { SchemaView } from './schema-view';

export const PageInfo = new GraphQLObjectType({
  name: 'PageInfo',
  fields: {
    hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    hasPreviousPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    startCursor: { type: GraphQLString },
    endCursor: { type: GraphQLString },
  },
});

/**
 * The output types of one schema: records and their connections. In the execution shape each is a leaf, answered as JSON
 * text. Every output field but `id` and the connection's own parts is nullable, because policy may withhold any of them.
 */
export class RecordTypes {
  private readonly outputs = new Map<string, GraphQLObjectType>();
  private readonly connections = new Map<string, GraphQLObjectType>();
  private readonly leaves = new Map<string, GraphQLScalarType>();
  private readonly aggregates: AggregateTypes;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly view: SchemaView,
    private readonly inputs: InputTypes,
    private readonly shape: 'served' | 'execution',
  ) {
    this.aggregates = aggregateTypes(catalogue, view, inputs);
  }

  record(name: string): GraphQLOutputType {
    return this.shape === 'execution' ? this.leafType(name) : this.servedRecord(name);
  }

  connection(name: string): GraphQLOutputType {
    return this.shape === 'execution' ? this.leafType(`${name}Connection`) : this.servedConnection(name);
  }

  aggregate(name: string): GraphQLOutputType {
    return this.shape === 'execution' ? this.leafType(`${name}Aggregate`) : this.aggregates.aggregate(name);
  }

  aggregateArguments(name: string): GraphQLFieldConfigArgumentMap {
    return this.aggregates.arguments(name);
  }

  private leafType(name: string): GraphQLScalarType {
    const known = this.leaves.get(name) ?? new GraphQLScalarType({ name });
    this.leaves.set(name, known);
    return known;
  }

  private servedRecord(name: string): GraphQLObjectType {
    const known = this.outputs.get(name);
    if (known) return known;
    const object = objectOf(this.catalogue, name);
    const type = new GraphQLObjectType({
      name,
      description: object.description,
      fields: () => this.memberFields(object),
    });
    this.outputs.set(name, type);
    return type;
  }

  private memberFields(object: CatalogueObject): GraphQLFieldConfigMap<unknown, unknown> {
    const { view } = this;
    const fields: GraphQLFieldConfigMap<unknown, unknown> = {};
    for (const member of object.members) {
      if (!view.selectable(object.name, member.name)) continue;
      if (member.kind === 'field') {
        const leaf = this.inputs.leaf(member.type);
        fields[member.name] = {
          type: member.name === 'id' ? new GraphQLNonNull(leaf) : leaf,
          description: member.description,
        };
      } else if (view.readable(member.target)) {
        Object.assign(fields, member.kind === 'to-one' ? this.parentField(member) : this.childFields(object, member));
      }
    }
    return fields;
  }

  private parentField({ name, target, description }: ToOneRelation): GraphQLFieldConfigMap<unknown, unknown> {
    return { [name]: { type: this.servedRecord(target), description } };
  }

  private childFields(
    object: CatalogueObject,
    { name, target, description }: ToManyRelation,
  ): GraphQLFieldConfigMap<unknown, unknown> {
    const args = this.connectionArguments(target);
    const connection = { [name]: { type: this.servedConnection(target), args, description } };
    if (!this.view.filterable(object.name, name)) return connection;
    const aggregate = { type: this.aggregates.aggregate(target), args: this.aggregateArguments(target) };
    return { ...connection, [aggregateName(name)]: { ...aggregate, description: `Figures: ${description}` } };
  }

  private servedConnection(name: string): GraphQLObjectType {
    const known = this.connections.get(name);
    if (known) return known;
    const node = new GraphQLNonNull(this.servedRecord(name));
    const edge = new GraphQLObjectType({
      name: `${name}Edge`,
      fields: { cursor: { type: new GraphQLNonNull(GraphQLString) }, node: { type: node } },
    });
    const type = new GraphQLObjectType({
      name: `${name}Connection`,
      fields: {
        nodes: { type: new GraphQLNonNull(new GraphQLList(node)) },
        edges: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(edge))) },
        pageInfo: { type: new GraphQLNonNull(PageInfo) },
        totalCount: { type: new GraphQLNonNull(GraphQLInt), description: 'Counted only when it is asked for.' },
      },
    });
    this.connections.set(name, type);
    return type;
  }

  connectionArguments(name: string): GraphQLFieldConfigArgumentMap {
    return {
      where: { type: this.inputs.where(name) },
      orderBy: { type: this.inputs.orderBy(name) },
      first: { type: GraphQLInt },
      after: { type: GraphQLString },
      last: { type: GraphQLInt },
      before: { type: GraphQLString },
    };
  }
}

const aggregatesOver = new WeakMap<InputTypes, AggregateTypes>();

/** Schemas that share their inputs share their aggregates, which are made of them. */
function aggregateTypes(catalogue: Catalogue, view: SchemaView, inputs: InputTypes): AggregateTypes {
  const known = aggregatesOver.get(inputs) ?? new AggregateTypes(catalogue, view, inputs);
  aggregatesOver.set(inputs, known);
  return known;
}
