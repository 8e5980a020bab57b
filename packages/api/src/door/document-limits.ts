import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type NameNode,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from 'graphql';
import { Fault } from '../path/faults';
import type { Limits } from '../path/limits';

type DocumentLimits = Pick<Limits, 'documentTokens' | 'selectionDepth' | 'selections' | 'aliases' | 'jsonDepth'>;

/** A token may be as long as a body, and what is remembered of a document holds its names and its values. */
const CHARACTERS_A_TOKEN = 20;
const LONGEST_NAME = 200;

/** Fields that look at credentials; more than one in an operation would be a guessing machine. */
const CREDENTIAL_FIELDS: ReadonlySet<string> = new Set(['signIn', 'changePassword', 'setPassword']);

/** A document may hold several operations, of which one runs; all are validated, which costs by their sum. */
const OPERATIONS_IN_FULL = 4;

/**
 * Counts each operation as it would run, fragments spread out, before validation, which is quadratic on overlapping
 * fields. What does not run is validated all the same, so it is counted as well. Throws COST_LIMIT, and
 * GRAPHQL_VALIDATION_FAILED for fragments that contain themselves.
 */
export function checkDocumentLimits(document: DocumentNode, limits: DocumentLimits): void {
  requireModestLength(document.loc?.end ?? 0, limits);
  const count = new DocumentCount(document, limits);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) count.operation(definition);
  }
  count.unusedFragments();
}

/** Throws COST_LIMIT for a document of more characters than its tokens may have. */
export function requireModestLength(characters: number, { documentTokens }: Pick<Limits, 'documentTokens'>): void {
  const most = documentTokens * CHARACTERS_A_TOKEN;
  if (characters <= most) return;
  throw new Fault('COST_LIMIT', {
    message: `A document has at most ${most} characters; send long values as variables.`,
  });
}

/** Two filters as large as they may be, with room. */
const MOST_CONTAINERS_OF_A_QUERY = 1_000;
const LISTS_OF_A_QUERY = 5;

/**
 * What reads needs far fewer values than the largest change set, and each object of a filter is coerced field by field.
 * Throws BAD_USER_INPUT.
 */
export function checkVariableLimits(
  { operation }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  { listValues }: Pick<Limits, 'listValues'>,
): void {
  if (operation === OperationTypeNode.MUTATION) return;
  const mostValues = LISTS_OF_A_QUERY * listValues;
  let [containers, values] = [0, 0];
  const left: unknown[] = [variables];
  while (left.length > 0) {
    const value = left.pop();
    if (value === null || typeof value !== 'object') continue;
    containers += 1;
    const inner = Object.values(value);
    values += inner.length;
    if (containers > MOST_CONTAINERS_OF_A_QUERY || values > mostValues) {
      const message = `The variables of a query hold at most ${MOST_CONTAINERS_OF_A_QUERY} objects and lists and ${mostValues} values.`;
      throw new Fault('BAD_USER_INPUT', { message });
    }
    for (const each of inner) left.push(each);
  }
}

class DocumentCount {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly used = new Set<string>();
  private readonly open: string[] = [];
  private total = 0;
  private selections = 0;
  private aliases = 0;
  private credentials = 0;

  constructor(
    document: DocumentNode,
    private readonly limits: DocumentLimits,
  ) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  operation(operation: OperationDefinitionNode): void {
    this.begin();
    this.name(operation.name);
    this.directives(operation.directives);
    for (const variable of operation.variableDefinitions ?? []) {
      this.name(variable.variable.name);
      this.type(variable.type, 1);
      if (variable.defaultValue) this.value(variable.defaultValue, 1);
      this.directives(variable.directives);
    }
    this.set(operation.selectionSet, 1);
  }

  unusedFragments(): void {
    for (const fragment of this.fragments.values()) {
      if (this.used.has(fragment.name.value)) continue;
      this.begin();
      this.spread(fragment, 1);
    }
  }

  private begin(): void {
    this.selections = 0;
    this.aliases = 0;
    this.credentials = 0;
  }

  private set(set: SelectionSetNode, depth: number): void {
    if (depth > this.limits.selectionDepth) {
      throw new Fault('COST_LIMIT', { message: `An operation is at most ${this.limits.selectionDepth} levels deep.` });
    }
    for (const selection of set.selections) this.selection(selection, depth);
  }

  private selection(selection: SelectionNode, depth: number): void {
    this.selections += 1;
    this.total += 1;
    if (this.selections > this.limits.selections || this.total > OPERATIONS_IN_FULL * this.limits.selections) {
      throw new Fault('COST_LIMIT', { message: `An operation selects at most ${this.limits.selections} fields.` });
    }
    this.directives(selection.directives);
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      this.set(selection.selectionSet, depth);
    } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = this.fragments.get(selection.name.value);
      if (fragment) this.spread(fragment, depth);
    } else {
      this.name(selection.name);
      this.name(selection.alias);
      if (selection.alias && ++this.aliases > this.limits.aliases) {
        throw new Fault('COST_LIMIT', { message: `An operation has at most ${this.limits.aliases} aliases.` });
      }
      if (depth === 1 && CREDENTIAL_FIELDS.has(selection.name.value) && ++this.credentials > 1) {
        throw new Fault('COST_LIMIT', { message: 'An operation looks at one password at most.' });
      }
      for (const argument of selection.arguments ?? []) this.value(argument.value, 1);
      if (selection.selectionSet) this.set(selection.selectionSet, depth + 1);
    }
  }

  private spread(fragment: FragmentDefinitionNode, depth: number): void {
    const name = fragment.name.value;
    if (this.open.includes(name)) {
      throw new Fault('GRAPHQL_VALIDATION_FAILED', { message: 'A fragment contains itself.' });
    }
    this.used.add(name);
    this.open.push(name);
    this.directives(fragment.directives);
    this.set(fragment.selectionSet, depth);
    this.open.pop();
  }

  private directives(directives: readonly DirectiveNode[] | undefined): void {
    for (const directive of directives ?? []) {
      for (const argument of directive.arguments ?? []) this.value(argument.value, 1);
    }
  }

  private name(name: NameNode | undefined): void {
    if (!name || name.value.length <= LONGEST_NAME) return;
    throw new Fault('COST_LIMIT', { message: `A name has at most ${LONGEST_NAME} characters.` });
  }

  /** Values in the text of a document may be as deep as values in variables. */
  private value(value: ValueNode, depth: number): void {
    this.nesting(depth);
    if (value.kind === Kind.LIST) for (const item of value.values) this.value(item, depth + 1);
    else if (value.kind === Kind.OBJECT) for (const field of value.fields) this.value(field.value, depth + 1);
  }

  private type(type: TypeNode, depth: number): void {
    this.nesting(depth);
    if (type.kind !== Kind.NAMED_TYPE) this.type(type.type, depth + 1);
  }

  private nesting(depth: number): void {
    if (depth <= this.limits.jsonDepth) return;
    throw new Fault('COST_LIMIT', { message: `A value is at most ${this.limits.jsonDepth} levels deep.` });
  }
}
