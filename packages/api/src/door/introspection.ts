import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  printSchema,
  type SelectionSetNode,
} from 'graphql';
import { BoundedMap } from '../path/bounded-map';
import { Fault } from '../path/faults';
import { RawJson } from '../path/raw-json';

interface Asked {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Digest of the document's text. */
  readonly queryHash: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Types that one operation may ask for by name; the whole schema it may ask for once. */
const MOST_TYPES = 20;
const MOST_ANSWERS = 1_000;
/** Characters of all answers that are remembered. */
const MOST_TEXT = 32_000_000;

/**
 * Answers about a schema. Walking a whole schema takes a processor half a second, and tools ask the same question at
 * every start, so answers are remembered by schema; what would walk it many times over is refused.
 */
export class Introspection {
  private readonly answers = new BoundedMap<string>(MOST_ANSWERS, MOST_TEXT, (text) => text.length);
  private readonly printed = new BoundedMap<string>(MOST_ANSWERS, MOST_TEXT, (text) => text.length);
  private readonly ids = new WeakMap<GraphQLSchema, number>();
  private made = 0;

  async answer(schema: GraphQLSchema, { document, operation, queryHash, variables }: Asked): Promise<ExecutionResult> {
    const operationName = operation.name?.value;
    const key = [this.idOf(schema), queryHash, operationName ?? '', JSON.stringify(variables)].join('\u0000');
    const known = this.answers.get(key);
    if (known !== undefined) return raw(known);
    const result = await execute({ schema, document, operationName, variableValues: variables });
    if (result.errors) return result;
    const text = JSON.stringify(result.data);
    this.answers.set(key, text);
    return raw(text);
  }

  /** The schema in the language of schemas. */
  text(schema: GraphQLSchema): string {
    const key = String(this.idOf(schema));
    const known = this.printed.get(key);
    if (known !== undefined) return known;
    const text = `${printSchema(schema)}\n`;
    this.printed.set(key, text);
    return text;
  }

  private idOf(schema: GraphQLSchema): number {
    const known = this.ids.get(schema);
    if (known !== undefined) return known;
    this.made += 1;
    this.ids.set(schema, this.made);
    return this.made;
  }
}

function raw(text: string): ExecutionResult {
  return { data: new RawJson(text) as unknown as Record<string, unknown> };
}

/**
 * True when the operation asks for the schema. Such roots run alone: they are answered by another schema. Throws
 * GRAPHQL_VALIDATION_FAILED for those that do not, and COST_LIMIT for one that would walk the schema many times over.
 */
export function isIntrospection(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const roots = fieldsOf(document, operation.selectionSet);
  const meta = roots.filter(({ name }) => name.value === '__schema' || name.value === '__type');
  if (meta.length === 0) return false;
  if (roots.some(({ name }) => !name.value.startsWith('__'))) {
    throw new Fault('GRAPHQL_VALIDATION_FAILED', { message: 'Ask for the schema in an operation of its own.' });
  }
  const whole = new Set(meta.flatMap(({ name, alias }) => (name.value === '__schema' ? [alias?.value ?? ''] : [])));
  if (whole.size > 1) throw new Fault('COST_LIMIT', { message: 'An operation asks for the schema at most once.' });
  if (meta.length - whole.size > MOST_TYPES) {
    throw new Fault('COST_LIMIT', { message: `An operation asks for at most ${MOST_TYPES} types by name.` });
  }
  if (meta.some(({ selectionSet }) => selectionSet && hasAlias(document, selectionSet))) {
    throw new Fault('COST_LIMIT', { message: 'Below __schema and __type there are no aliases.' });
  }
  return true;
}

function hasAlias(document: DocumentNode, set: SelectionSetNode): boolean {
  return fieldsOf(document, set).some(
    ({ alias, selectionSet }) =>
      alias !== undefined || (selectionSet !== undefined && hasAlias(document, selectionSet)),
  );
}

/** The fields of a selection set, those of its fragments too. The document was counted before, so it is no bomb. */
function fieldsOf(document: DocumentNode, set: SelectionSetNode): FieldNode[] {
  return set.selections.flatMap((selection): FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(document, selection.selectionSet);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? fieldsOf(document, fragment.selectionSet) : [];
  });
}
