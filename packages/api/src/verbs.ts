import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';

/** The schema of the capabilities' verbs, answered by these resolvers and no others; subscriptions get their events there. */
export function buildVerbs(resolvers: readonly object[], events: PubSub): GraphQLSchema {
  return buildSchemaSync({
    resolvers: resolvers.map((resolver) => resolver.constructor) as unknown as NonEmptyArray<new () => object>,
    container: { get: (wanted) => resolvers.find((resolver) => resolver.constructor === wanted) },
    pubSub: events,
    validate: false,
  });
}
