import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';

const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include']);

/**
 * Subscriptions whose one top level field might be left out. The specification forbids it, and graphql-js fails on one:
 * its rule has no variables to tell by, and its execution finds no field at all. So it is looked for before validation.
 */
export function conditionalSubscriptions(document: DocumentNode): readonly GraphQLError[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const sets: SelectionSetNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (definition.operation === OperationTypeNode.SUBSCRIPTION) sets.push(definition.selectionSet);
  }
  const errors: GraphQLError[] = [];
  // Each set once, so that a fragment that contains itself ends as well.
  const seen = new Set(sets);
  for (const { selections } of seen) {
    for (const selection of selections) {
      const conditions = selection.directives?.filter(({ name }) => CONDITIONS.has(name.value)) ?? [];
      if (conditions.length > 0) errors.push(new GraphQLError(MESSAGE, { nodes: conditions }));
      if (selection.kind === Kind.INLINE_FRAGMENT) seen.add(selection.selectionSet);
      if (selection.kind !== Kind.FRAGMENT_SPREAD) continue;
      const fragment = fragments.get(selection.name.value);
      if (fragment) seen.add(fragment.selectionSet);
    }
  }
  return errors;
}

const MESSAGE = 'The top level field of a subscription is neither skipped nor included by a condition.';
