import {
  type ASTNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  visit,
} from 'graphql';
import type { Sequence } from './sequence';

const MOST_TRIES = 600;

/**
 * Drops requests, selections, arguments, directives, parts of filters and of variables for as long as the executors still
 * differ. What is left cannot lose any one thing.
 */
export async function shrinkSequence(
  start: Sequence,
  differs: (smaller: Sequence) => Promise<boolean>,
): Promise<Sequence> {
  let best = start;
  let tries = 0;
  for (let found = true; found && tries < MOST_TRIES; ) {
    found = false;
    for (const smaller of smallerThan(best)) {
      tries += 1;
      // The document of a try has to be new, or a plan of an earlier one would answer it.
      if (tries > MOST_TRIES || !(await differs({ ...smaller, document: `${smaller.document} # ${tries}` }))) continue;
      best = smaller;
      found = true;
      break;
    }
  }
  return best;
}

function* smallerThan(sequence: Sequence): Generator<Sequence> {
  const { asks } = sequence;
  const last = asks.length - 1;
  for (let drop = 0; drop < last; drop += 1) {
    // What the names of cursors count is answers, so they are counted anew.
    const renamed = asks.map(({ person, variables }) => ({
      person,
      variables: Object.fromEntries(
        Object.entries(variables).map(([name, value]) => {
          const parts = /^cursor:(\d+):(\d+)$/.exec(String(value));
          const answer = parts ? Number(parts[1]) : -1;
          return [name, parts && answer > drop ? `cursor:${answer - 1}:${parts[2]}` : value];
        }),
      ),
    }));
    yield { ...sequence, asks: renamed.filter((_, index) => index !== drop) };
  }
  const document = parse(sequence.document);
  for (const smaller of smallerDocuments(document)) {
    const pruned = withoutUnused(smaller);
    yield { ...withDeclaredVariables(sequence, pruned), document: print(pruned) };
  }
  for (const [index, ask] of asks.entries()) {
    for (const variables of smallerValues(ask.variables) as Generator<Record<string, unknown>>) {
      yield { ...sequence, asks: asks.map((other, at) => (at === index ? { ...ask, variables } : other)) };
    }
  }
}

function* smallerDocuments(document: DocumentNode): Generator<DocumentNode> {
  for (let wanted = 0; ; wanted += 1) {
    let seen = 0;
    let made = false;
    const smaller = visit(document, {
      enter(node) {
        const choices = smallerNodes(node, document);
        const choice = choices[wanted - seen];
        if (made || wanted < seen || !choice) {
          seen += choices.length;
          return undefined;
        }
        made = true;
        return choice;
      },
    });
    if (!made) return;
    yield smaller;
  }
}

/** Every way to leave one thing out of a node. */
function smallerNodes(node: ASTNode, document: DocumentNode): ASTNode[] {
  const without = <T>(items: readonly T[] = []) => items.map((dropped) => items.filter((item) => item !== dropped));
  switch (node.kind) {
    case Kind.SELECTION_SET: {
      const { selections } = node;
      const dropped = selections.length > 1 ? without(selections) : [];
      const unwrapped = selections.flatMap((selection) => {
        const inner = innerSelections(selection, document);
        return inner ? [selections.flatMap((other) => (other === selection ? inner : [other]))] : [];
      });
      return [...dropped, ...unwrapped].map((kept) => ({ ...node, selections: kept }));
    }
    case Kind.FIELD:
      return [
        ...without(node.arguments).map((kept) => ({ ...node, arguments: kept })),
        ...without(node.directives).map((kept) => ({ ...node, directives: kept })),
        ...(node.alias ? [{ ...node, alias: undefined }] : []),
      ];
    case Kind.FRAGMENT_SPREAD:
    case Kind.INLINE_FRAGMENT:
      return without(node.directives).map((kept) => ({ ...node, directives: kept }));
    case Kind.OBJECT:
      return without(node.fields).map((kept) => ({ ...node, fields: kept }));
    case Kind.LIST:
      return without(node.values).map((kept) => ({ ...node, values: kept }));
    default:
      return [];
  }
}

function innerSelections(selection: SelectionNode, { definitions }: DocumentNode): readonly SelectionNode[] | null {
  if (selection.kind === Kind.FIELD || selection.directives?.length) return null;
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet.selections;
  const fragment = definitions.find(
    (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
  );
  return fragment?.kind === Kind.FRAGMENT_DEFINITION ? fragment.selectionSet.selections : null;
}

/** Validation refuses fragments and variables that nothing uses. */
function withoutUnused(document: DocumentNode): DocumentNode {
  let definitions = document.definitions;
  for (let before = -1; before !== definitions.length; ) {
    before = definitions.length;
    const spread = namesIn(definitions, Kind.FRAGMENT_SPREAD);
    definitions = definitions.filter((one) => one.kind !== Kind.FRAGMENT_DEFINITION || spread.has(one.name.value));
  }
  const bodies = definitions.flatMap((one): ASTNode[] => {
    return one.kind === Kind.OPERATION_DEFINITION || one.kind === Kind.FRAGMENT_DEFINITION ? [one.selectionSet] : [];
  });
  const used = namesIn(bodies, Kind.VARIABLE);
  return {
    ...document,
    definitions: definitions.map((one) => {
      if (one.kind !== Kind.OPERATION_DEFINITION) return one;
      return {
        ...one,
        variableDefinitions: one.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value)),
      };
    }),
  };
}

function namesIn(nodes: readonly ASTNode[], kind: Kind.FRAGMENT_SPREAD | Kind.VARIABLE): Set<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    visit(node, {
      enter(inner) {
        if (inner.kind === kind) names.add(inner.name.value);
      },
    });
  }
  return names;
}

function withDeclaredVariables(sequence: Sequence, document: DocumentNode): Sequence {
  const operation = document.definitions.find((one): one is OperationDefinitionNode => {
    return one.kind === Kind.OPERATION_DEFINITION;
  });
  const declared = new Set(operation?.variableDefinitions?.map(({ variable }) => variable.name.value));
  const asks = sequence.asks.map(({ person, variables }) => ({
    person,
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => declared.has(name))),
  }));
  return { ...sequence, asks };
}

function* smallerValues(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const rebuilt = (kept: [string, unknown][]) => (isList ? kept.map(([, inner]) => inner) : Object.fromEntries(kept));
  for (const dropped of entries) yield rebuilt(entries.filter((entry) => entry !== dropped));
  for (const [name, inner] of entries) {
    for (const smaller of smallerValues(inner))
      yield rebuilt(entries.map((entry) => (entry[0] === name ? [name, smaller] : entry)));
  }
}
