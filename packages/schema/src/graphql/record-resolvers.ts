import type { GraphQLFieldResolver } from 'graphql';
import type { GenericVerb } from '../catalogue/catalogue';

// biome-ignore lint/suspicious/noExplicitAny: the source and context of a resolver belong to the gateway
export type Resolver = GraphQLFieldResolver<any, any>;

/** How the gateway answers what is assembled here. Used by the execution schema only; the served one never runs. */
export interface RecordResolvers {
  readOne(object: string): Resolver;
  readMany(object: string): Resolver;
  readAggregate(object: string): Resolver;
  change(object: string, verb: GenericVerb): Resolver;
  changeSet: Resolver;
  /** Reads the record whose id the inner value is, in a mutation's payload or a verb's answer. */
  readInner(object: string): Resolver;
}

/** The resolver of a field, where there are resolvers at all. */
export function resolvedBy(
  resolvers: RecordResolvers | undefined,
  pick: (resolvers: RecordResolvers) => Resolver,
): { resolve?: Resolver } {
  return resolvers ? { resolve: pick(resolvers) } : {};
}
