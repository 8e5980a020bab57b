import {
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { recordOf } from './placeholders';
import type { RecordResolvers, Resolver } from './record-resolvers';
import type { RecordTypes } from './record-types';
import type { SchemaView } from './schema-view';

/** The verbs of the capabilities, with record types in the places of their placeholders. */
export class VerbFields {
  private readonly verbTypes = new Map<string, GraphQLObjectType>();

  constructor(
    private readonly options: { readonly view: SchemaView; readonly resolvers?: RecordResolvers },
    private readonly types: RecordTypes,
  ) {}

  /** The verbs of one root type, their object types rebuilt with record types in the places of the placeholders. */
  of(type: GraphQLObjectType | null | undefined): GraphQLFieldConfigMap<unknown, unknown> {
    if (!type) return {};
    const fields: GraphQLFieldConfigMap<unknown, unknown> = {};
    for (const [name, config] of Object.entries(type.toConfig().fields)) {
      if (config.extensions?.staffOnly && this.options.view.audience !== 'staff') continue;
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
    if (target) return this.types.record(target);
    if (!isObjectType(type)) return type;
    const known = this.verbTypes.get(type.name);
    if (known) return known;
    const rebuilt = new GraphQLObjectType({
      name: type.name,
      description: type.description,
      fields: () => this.of(type),
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
}
