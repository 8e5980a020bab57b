import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';

/** The schema of the capabilities' verbs, answered by these resolvers and no others. */
export function buildVerbs(resolvers: readonly object[]): GraphQLSchema {
  return buildSchemaSync({
    resolvers: resolvers.map((resolver) => resolver.constructor) as unknown as NonEmptyArray<new () => object>,
    container: { get: (wanted) => resolvers.find((resolver) => resolver.constructor === wanted) },
    validate: false,
  });
}
