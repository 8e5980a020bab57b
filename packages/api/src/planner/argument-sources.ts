import {
  type ArgumentNode,
  type GraphQLField,
  type GraphQLInputType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql';
import { Fault } from '../path/faults';
import { isSource, type Source, type SourceTree, source } from './source';

type Variables = Readonly<Record<string, unknown>>;

/**
 * The arguments of a selection as source trees. The document was validated and its variables coerced, so that a missing
 * variable means the argument was left out. A null argument counts as left out as well; a null inside an input object
 * stays null, for whoever reads it to refuse.
 */
export function argumentSources(
  field: GraphQLField<unknown, unknown>,
  nodes: readonly ArgumentNode[] | undefined,
  variables: Variables,
): Readonly<Record<string, SourceTree>> {
  const found: Record<string, SourceTree> = {};
  for (const argument of field.args) {
    const node = nodes?.find((candidate) => candidate.name.value === argument.name);
    const tree = node ? fromNode(node.value, argument.type, variables) : undefined;
    if (tree !== undefined) found[argument.name] = tree;
  }
  return found;
}

function fromNode(node: ValueNode, type: GraphQLInputType, variables: Variables): SourceTree | undefined {
  const bare = isNonNullType(type) ? type.ofType : type;
  if (node.kind === Kind.VARIABLE) {
    return fromValue(variables[node.name.value], bare, [node.name.value]);
  }
  if (node.kind === Kind.NULL) return undefined;
  if (isInputObjectType(bare) && node.kind === Kind.OBJECT) {
    const fields = bare.getFields();
    const branch: Record<string, SourceTree> = {};
    for (const entry of node.fields) {
      const tree = fromNode(entry.value, fields[entry.name.value]!.type, variables);
      branch[entry.name.value] = tree ?? null;
      if (tree === undefined && isAbsentVariable(entry.value, variables)) delete branch[entry.name.value];
    }
    return branch;
  }
  if (isListType(bare)) {
    const nodes = node.kind === Kind.LIST ? node.values : [node];
    const items = nodes.map((item) => fromNode(item, bare.ofType, variables) ?? null);
    return isLeafType(named(bare)) ? source({ kind: 'list', items: items.map(presentLeaf) }) : items;
  }
  return source({ kind: 'constant', value: valueFromAST(node, bare, variables) });
}

/** A variable with a default may be given null all the same, and then fits where null does not belong. */
function presentLeaf(item: SourceTree): Source {
  if (isSource(item)) return item;
  throw new Fault('BAD_USER_INPUT', { message: 'A list in a filter holds no null.' });
}

function isAbsentVariable(node: ValueNode, variables: Variables): boolean {
  return node.kind === Kind.VARIABLE && variables[node.name.value] === undefined;
}

function fromValue(value: unknown, type: GraphQLInputType, path: readonly (string | number)[]): SourceTree | undefined {
  const bare = isNonNullType(type) ? type.ofType : type;
  if (value === null || value === undefined) return undefined;
  if (isInputObjectType(bare)) {
    const fields = bare.getFields();
    const branch: Record<string, SourceTree> = {};
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      branch[name] = fromValue(inner, fields[name]!.type, [...path, name]) ?? null;
    }
    return branch;
  }
  if (isListType(bare) && !isLeafType(named(bare))) {
    const items = Array.isArray(value) ? value : [value];
    return items.map((item, index) => fromValue(item, bare.ofType, [...path, index]) ?? null);
  }
  return source({ kind: 'variable', path });
}

function named(type: GraphQLInputType): GraphQLInputType {
  let inner = type;
  while (isListType(inner) || isNonNullType(inner)) inner = inner.ofType as GraphQLInputType;
  return inner;
}
