import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  validate,
} from 'graphql';
import { BoundedMap } from '../path/bounded-map';
import type { DecidedUnder } from '../path/rooms';

const MOST_ERRORS = 20;

/**
 * Validates documents against the schema of the caller's class. Staff see the whole catalogue; for a portal, hidden and
 * unknown are the same, to the byte. Every entrance has to come through here.
 */
export class DocumentCheck {
  private readonly verdicts = new BoundedMap<readonly GraphQLError[]>(5_000);
  private readonly schemaIds = new WeakMap<GraphQLSchema, number>();
  private made = 0;

  /** The errors of a document, with no suggestions in them; empty when it fits. */
  errorsOf(document: DocumentNode, documentKey: string, under: DecidedUnder): readonly GraphQLError[] {
    const schema = under.authority.validationSchema;
    const key = `${this.idOf(schema)}:${documentKey}`;
    const known = this.verdicts.get(key);
    if (known) return known;
    const errors = validate(schema, document, undefined, { maxErrors: MOST_ERRORS }).map(withoutSuggestion);
    this.verdicts.set(key, errors);
    return errors;
  }

  private idOf(schema: GraphQLSchema): number {
    const known = this.schemaIds.get(schema);
    if (known !== undefined) return known;
    this.made += 1;
    this.schemaIds.set(schema, this.made);
    return this.made;
  }
}

/** The errors of a request's variables under the schema of the caller's class. */
export function variableErrors(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): readonly GraphQLError[] {
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: MOST_ERRORS,
  });
  return (errors ?? []).map(withoutSuggestion);
}

/** graphql-js names what one may have meant; names that were not asked for are not for everyone. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  return new GraphQLError(modestMessage(error.message), {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
  });
}

const LONGEST_MESSAGE = 500;

/**
 * A message of graphql-js as it may leave: without the suggestion at its end, and without all of a megabyte that it was
 * given. No pattern is used: the message quotes what the client wrote, which could keep a pattern busy for hours.
 */
export function modestMessage(message: string): string {
  const suggestion = message.endsWith('?') ? message.lastIndexOf(' Did you mean ') : -1;
  const text = suggestion < 0 ? message : message.slice(0, suggestion);
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}
