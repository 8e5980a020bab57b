/**
 * Where a value comes from when a plan runs. A plan holds sources instead of values, so that one plan serves every
 * request of the same variable shape; what arrives is bound as a parameter.
 */
export type Source =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'variable'; readonly path: readonly (string | number)[] }
  | { readonly kind: 'list'; readonly items: readonly Source[] };

/** Input objects and lists of them, with sources in the place of leaves. */
export type SourceTree = Source | SourceBranch | readonly SourceTree[] | null;
export interface SourceBranch {
  readonly [name: string]: SourceTree;
}

const leaves = new WeakSet<object>();

/** Makes a leaf, told apart from branches by identity: an input field may well be called `kind`. */
export function source(of: Source): Source {
  leaves.add(of);
  return of;
}

export function isSource(tree: unknown): tree is Source {
  return typeof tree === 'object' && tree !== null && leaves.has(tree);
}

/** The value of a source under a request's coerced variables. */
export function resolveSource(from: Source, variables: Readonly<Record<string, unknown>>): unknown {
  switch (from.kind) {
    case 'constant':
      return from.value;
    case 'variable':
      return from.path.reduce<unknown>(
        (value, key) =>
          value === null || value === undefined ? value : (value as Record<string | number, unknown>)[key],
        variables,
      );
    case 'list':
      return from.items.map((item) => resolveSource(item, variables));
  }
}

/** A tree with every source replaced by its value: the plain argument as the client meant it. */
export function resolveTree(tree: SourceTree | undefined, variables: Readonly<Record<string, unknown>>): unknown {
  if (tree === undefined || tree === null) return null;
  if (isSource(tree)) return resolveSource(tree, variables) ?? null;
  if (isTreeList(tree)) return tree.map((item) => resolveTree(item, variables));
  return Object.fromEntries(Object.entries(tree).map(([name, inner]) => [name, resolveTree(inner, variables)]));
}

function isTreeList(tree: SourceBranch | readonly SourceTree[]): tree is readonly SourceTree[] {
  return Array.isArray(tree);
}
