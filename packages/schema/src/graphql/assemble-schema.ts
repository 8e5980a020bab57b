import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  specifiedDirectives,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
} from 'graphql';
import { type Catalogue, type CatalogueObject, type GenericVerb, objectOf } from '../catalogue/catalogue';
import { InputTypes } from './input-types';
import { recordOf } from './placeholders';
import type { SchemaView } from './schema-view';

// biome-ignore lint/suspicious/noExplicitAny: the source and context of a resolver belong to the gateway
type Resolver = GraphQLFieldResolver<any, any>;

/** How the gateway answers what is assembled here. Used by the execution schema only; the served one never runs. */
export interface RecordResolvers {
  readOne(object: string): Resolver;
  readMany(object: string): Resolver;
  change(object: string, verb: GenericVerb): Resolver;
  changeSet: Resolver;
  /** Reads the record whose id the inner value is, in a mutation's payload or a verb's answer. */
  readInner(object: string): Resolver;
}

export interface AssembleOptions {
  readonly catalogue: Catalogue;
  readonly view: SchemaView;
  /** The capability verbs, as type-graphql built them; record types appear in it as placeholders. */
  readonly verbs: GraphQLSchema;
  /** `served` is for introspection, SDL and validation; in `execution` records and connections are leaves. */
  readonly shape: 'served' | 'execution';
  readonly resolvers?: RecordResolvers;
}

export const PageInfo = new GraphQLObjectType({
  name: 'PageInfo',
  fields: {
    hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    hasPreviousPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    startCursor: { type: GraphQLString },
    endCursor: { type: GraphQLString },
  },
});

const UserError = new GraphQLObjectType({
  name: 'UserError',
  description: 'A value that was not accepted; nothing was written.',
  fields: {
    code: { type: new GraphQLNonNull(GraphQLString) },
    field: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)), description: 'The path of the input field.' },
    message: { type: new GraphQLNonNull(GraphQLString) },
  },
});

const errorList = new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(UserError)));

/**
 * Assembles one schema from a catalogue and the capability verbs, as a class of callers may see them.
 *
 * Every output field but `id` and the connection's own parts is nullable, because policy may withhold any of them.
 */
export function assembleSchema(options: AssembleOptions): GraphQLSchema {
  return new Assembly(options).schema();
}

class Assembly {
  private readonly inputs: InputTypes;
  private readonly outputs = new Map<string, GraphQLObjectType>();
  private readonly connections = new Map<string, GraphQLObjectType>();
  private readonly leaves = new Map<string, GraphQLScalarType>();
  private readonly verbTypes = new Map<string, GraphQLObjectType>();

  constructor(private readonly options: AssembleOptions) {
    this.inputs = new InputTypes(options.catalogue, options.view);
  }

  schema(): GraphQLSchema {
    const query = { ...this.readFields(), ...this.verbFields(this.options.verbs.getQueryType()) };
    const mutation = { ...this.changeFields(), ...this.verbFields(this.options.verbs.getMutationType()) };
    return new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: query }),
      mutation: Object.keys(mutation).length > 0 ? new GraphQLObjectType({ name: 'Mutation', fields: mutation }) : null,
      directives: specifiedDirectives,
    });
  }

  private get visibleObjects(): CatalogueObject[] {
    return [...this.options.catalogue.objects.values()].filter((object) => this.options.view.readable(object.name));
  }

  private readFields(): GraphQLFieldConfigMap<unknown, unknown> {
    const fields: GraphQLFieldConfigMap<unknown, unknown> = {};
    for (const object of this.visibleObjects) {
      fields[object.singular] = {
        type: this.recordType(object.name),
        args: { id: { type: new GraphQLNonNull(GraphQLID) } },
        description: `One ${object.name} by its id; null when there is none that you may see.`,
        ...this.resolve((resolvers) => resolvers.readOne(object.name)),
      };
      fields[object.plural] = {
        type: this.connectionType(object.name),
        args: this.connectionArguments(object.name),
        description: object.description,
        ...this.resolve((resolvers) => resolvers.readMany(object.name)),
      };
    }
    return fields;
  }

  private changeFields(): GraphQLFieldConfigMap<unknown, unknown> {
    const { view } = this.options;
    const fields: GraphQLFieldConfigMap<unknown, unknown> = {};
    const members: Record<string, { type: GraphQLInputObjectType }> = {};
    const id = { type: new GraphQLNonNull(GraphQLID) };
    const expectedVersion = { type: new GraphQLNonNull(GraphQLInt), description: 'The version that you last saw.' };
    for (const object of this.visibleObjects) {
      const verbs = object.verbs.filter((verb) => view.allows(object.name, verb));
      for (const verb of verbs) {
        const input = verb === 'create' ? this.inputs.create(object.name) : this.inputs.update(object.name);
        if (verb !== 'delete' && !input) continue;
        const name = `${verb}${object.name}`;
        const args: GraphQLFieldConfigArgumentMap = {
          ...(verb === 'create' ? {} : { id, expectedVersion }),
          ...(verb === 'delete' ? {} : { input: { type: new GraphQLNonNull(input!) } }),
        };
        fields[name] = {
          type: new GraphQLNonNull(this.payloadType(name, object)),
          args,
          ...this.resolve((resolvers) => resolvers.change(object.name, verb)),
        };
        members[name] = { type: this.changeInput(name, verb, args) };
      }
    }
    if (Object.keys(members).length > 0) fields.applyChangeSet = this.changeSetField(members);
    return fields;
  }

  private changeInput(name: string, verb: GenericVerb, args: GraphQLFieldConfigArgumentMap): GraphQLInputObjectType {
    const as = { type: GraphQLString, description: 'A name by which later changes of the set refer to the new record: "@name".' };
    return new GraphQLInputObjectType({
      name: `${name.charAt(0).toUpperCase()}${name.slice(1)}Change`,
      fields: { ...(verb === 'create' ? { as } : {}), ...args },
    });
  }

  private changeSetField(members: Record<string, { type: GraphQLInputObjectType }>) {
    const change = new GraphQLInputObjectType({ name: 'ChangeInput', isOneOf: true, fields: members });
    const changed = new GraphQLObjectType({
      name: 'ChangedRecord',
      fields: {
        object: { type: new GraphQLNonNull(GraphQLString) },
        id: { type: new GraphQLNonNull(GraphQLID) },
        version: { type: GraphQLInt, description: 'Null for a record that was deleted.' },
      },
    });
    return {
      description: 'Several changes that apply together or not at all.',
      type: new GraphQLNonNull(
        new GraphQLObjectType({
          name: 'ChangeSetPayload',
          fields: {
            records: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(changed))) },
            ...this.pendingChangeField(),
            userErrors: { type: errorList },
          },
        }),
      ),
      args: { changes: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(change))) } },
      ...this.resolve((resolvers) => resolvers.changeSet),
    };
  }

  private payloadType(name: string, object: CatalogueObject): GraphQLObjectType {
    return new GraphQLObjectType({
      name: `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`,
      fields: {
        [object.singular]: {
          type: this.recordType(object.name),
          ...this.resolve((resolvers) => resolvers.readInner(object.name)),
        },
        ...this.pendingChangeField(),
        userErrors: { type: errorList },
      },
    });
  }

  private pendingChangeField(): GraphQLFieldConfigMap<unknown, unknown> {
    if (!this.options.catalogue.objects.has('PendingChange') || !this.options.view.readable('PendingChange')) return {};
    return {
      pendingChange: {
        type: this.recordType('PendingChange'),
        description: 'Set when the change waits for a second person.',
        ...this.resolve((resolvers) => resolvers.readInner('PendingChange')),
      },
    };
  }

  private recordType(name: string): GraphQLOutputType {
    return this.options.shape === 'execution' ? this.leafType(name) : this.servedRecordType(name);
  }

  private connectionType(name: string): GraphQLOutputType {
    return this.options.shape === 'execution' ? this.leafType(`${name}Connection`) : this.servedConnectionType(name);
  }

  private leafType(name: string): GraphQLScalarType {
    const known = this.leaves.get(name) ?? new GraphQLScalarType({ name });
    this.leaves.set(name, known);
    return known;
  }

  private servedRecordType(name: string): GraphQLObjectType {
    const known = this.outputs.get(name);
    if (known) return known;
    const object = objectOf(this.options.catalogue, name);
    const type = new GraphQLObjectType({ name, description: object.description, fields: () => this.memberFields(object) });
    this.outputs.set(name, type);
    return type;
  }

  private memberFields(object: CatalogueObject): GraphQLFieldConfigMap<unknown, unknown> {
    const { view } = this.options;
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
        fields[member.name] =
          member.kind === 'to-one'
            ? { type: this.servedRecordType(member.target), description: member.description }
            : {
                type: this.servedConnectionType(member.target),
                args: this.connectionArguments(member.target),
                description: member.description,
              };
      }
    }
    return fields;
  }

  private servedConnectionType(name: string): GraphQLObjectType {
    const known = this.connections.get(name);
    if (known) return known;
    const node = new GraphQLNonNull(this.servedRecordType(name));
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

  private connectionArguments(name: string): GraphQLFieldConfigArgumentMap {
    return {
      where: { type: this.inputs.where(name) },
      orderBy: { type: this.inputs.orderBy(name) },
      first: { type: GraphQLInt },
      after: { type: GraphQLString },
      last: { type: GraphQLInt },
      before: { type: GraphQLString },
    };
  }

  /** The verbs of one root type, their object types rebuilt with record types in the places of the placeholders. */
  private verbFields(type: GraphQLObjectType | null | undefined): GraphQLFieldConfigMap<unknown, unknown> {
    if (!type) return {};
    const fields: GraphQLFieldConfigMap<unknown, unknown> = {};
    for (const [name, config] of Object.entries(type.toConfig().fields)) {
      const target = recordOf(getNamedType(config.type));
      if (target && !this.options.view.readable(target)) continue;
      const resolve = target ? this.afterVerb(target, config.resolve) : config.resolve;
      fields[name] = { ...config, type: this.swap(config.type), ...(resolve ? { resolve } : {}) };
    }
    return fields;
  }

  private swap(type: GraphQLOutputType): GraphQLOutputType {
    if (isNonNullType(type)) {
      const inner = this.swap(type.ofType);
      return isNonNullType(inner) ? inner : new GraphQLNonNull(inner);
    }
    if (isListType(type)) return new GraphQLList(this.swap(type.ofType));
    const target = recordOf(type);
    if (target) return this.recordType(target);
    if (!isObjectType(type)) return type;
    const known = this.verbTypes.get(type.name);
    if (known) return known;
    const rebuilt = new GraphQLObjectType({
      name: type.name,
      description: type.description,
      fields: () => this.verbFields(type),
    });
    this.verbTypes.set(type.name, rebuilt);
    return rebuilt;
  }

  /** The verb answers an id; the record is then read as any other. */
  private afterVerb(target: string, inner: Resolver | undefined): Resolver | undefined {
    const { resolvers } = this.options;
    if (!resolvers) return inner;
    const read = resolvers.readInner(target);
    return async (source, args, context, info) => {
      const id = inner ? await inner(source, args, context, info) : source?.[info.fieldName];
      return id === null || id === undefined ? null : read({ [info.fieldName]: id }, args, context, info);
    };
  }

  private resolve(pick: (resolvers: RecordResolvers) => Resolver): { resolve?: Resolver } {
    return this.options.resolvers ? { resolve: pick(this.options.resolvers) } : {};
  }
}
