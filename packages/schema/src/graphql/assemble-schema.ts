import {
  type GraphQLFieldConfigMap,
  GraphQLID,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  specifiedDirectives,
} from 'graphql';
import type { Catalogue, CatalogueObject } from '../catalogue/catalogue';
import { aggregateName } from './aggregate-members';
import { ChangeFields } from './change-fields';
import { InputTypes } from './input-types';
import { type RecordResolvers, resolvedBy } from './record-resolvers';
import { RecordTypes } from './record-types';
import type { SchemaView } from './schema-view';
import { VerbFields } from './verb-fields';

export interface AssembleOptions {
  readonly catalogue: Catalogue;
  readonly view: SchemaView;
  /** The capability verbs, as type-graphql built them; record types appear in it as placeholders. */
  readonly verbs: GraphQLSchema;
  /** `served` is for introspection, SDL and validation; in `execution` records and connections are leaves. */
  readonly shape: 'served' | 'execution';
  readonly resolvers?: RecordResolvers;
}

/** Assembles one schema from a catalogue and the capability verbs, as a class of callers may see them. */
export function assembleSchema(options: AssembleOptions): GraphQLSchema {
  return assemble(options, new InputTypes(options.catalogue, options.view));
}

/**
 * Both shapes of one view. They take the same inputs, which are most of their types, so those are made once: a catalogue
 * may change while the gateway runs, and answers nothing meanwhile.
 */
export function assembleBothShapes(options: Omit<AssembleOptions, 'shape'>): {
  readonly served: GraphQLSchema;
  readonly execution: GraphQLSchema;
} {
  const { resolvers, ...common } = options;
  const inputs = new InputTypes(options.catalogue, options.view);
  return {
    served: assemble({ ...common, shape: 'served' }, inputs),
    execution: assemble({ ...common, resolvers, shape: 'execution' }, inputs),
  };
}

/** An object of the catalogue has the usual name. */
const SUBSCRIPTION_ROOT = 'SubscriptionRoot';

function assemble(options: AssembleOptions, inputs: InputTypes): GraphQLSchema {
  const { catalogue, view, verbs, shape } = options;
  const objects = [...catalogue.objects.values()].filter((object) => view.readable(object.name));
  const types = new RecordTypes(catalogue, view, inputs, shape);
  const changes = new ChangeFields(options, objects, inputs, types);
  const capabilities = new VerbFields(options, types);
  const query = { ...readFields(options, objects, types), ...capabilities.of(verbs.getQueryType()) };
  const subscription = capabilities.of(verbs.getSubscriptionType());
  const mutation = { ...changes.all(), ...capabilities.of(verbs.getMutationType()) };
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: query }),
    mutation: Object.keys(mutation).length > 0 ? new GraphQLObjectType({ name: 'Mutation', fields: mutation }) : null,
    subscription:
      Object.keys(subscription).length > 0
        ? new GraphQLObjectType({ name: SUBSCRIPTION_ROOT, fields: subscription })
        : null,
    directives: specifiedDirectives,
    // Walking all types again to find what the catalogue's own checks have ruled out would cost as much as making them.
    assumeValid: true,
  });
}

/** `invoice(id:)`, `invoices(where:, …)` and `invoicesAggregate(where:, …)` of each object. */
function readFields(
  { resolvers }: AssembleOptions,
  objects: readonly CatalogueObject[],
  types: RecordTypes,
): GraphQLFieldConfigMap<unknown, unknown> {
  const fields: GraphQLFieldConfigMap<unknown, unknown> = {};
  for (const object of objects) {
    fields[object.singular] = {
      type: types.record(object.name),
      args: { id: { type: new GraphQLNonNull(GraphQLID) } },
      description: `One ${object.name} by its id; null when there is none that you may see.`,
      ...resolvedBy(resolvers, (by) => by.readOne(object.name)),
    };
    fields[object.plural] = {
      type: types.connection(object.name),
      args: types.connectionArguments(object.name),
      description: object.description,
      ...resolvedBy(resolvers, (by) => by.readMany(object.name)),
    };
    fields[aggregateName(object.plural)] = {
      type: types.aggregate(object.name),
      args: types.aggregateArguments(object.name),
      description: `Counts, sums and other figures of ${object.name} records, in groups.`,
      ...resolvedBy(resolvers, (by) => by.readAggregate(object.name)),
    };
  }
  return fields;
}
