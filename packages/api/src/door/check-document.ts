import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  validate,
} from 'graphql';
import { BoundedMap } from '../path/bounded-map';
import type { DecidedUnder } from '../path/rooms';
import { conditionalSubscriptions } from './conditional-subscriptions';

const MOST_ERRORS = 20;

/** What is told of an error in a document. It holds nothing of the document itself, so that it may be remembered. */
export interface DocumentError {
  readonly message: string;
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
}

/**
 * Validates documents against the schema of the caller's class. Staff see the whole catalogue; for a portal, hidden and
 * unknown are the same, to the byte. Every entrance has to come through here.
 */
export class DocumentCheck {
  private readonly verdicts = new BoundedMap<readonly DocumentError[]>(5_000);
  private readonly schemaIds = new WeakMap<GraphQLSchema, number>();
  private made = 0;

  /** The errors of a document, with no suggestions in them; empty when it fits. */
  errorsOf(document: DocumentNode, documentKey: string, under: DecidedUnder): readonly DocumentError[] {
    const schema = under.authority.validationSchema;
    const key = `${this.idOf(schema)}:${documentKey}`;
    const known = this.verdicts.get(key);
    if (known) return known;
    const conditional = conditionalSubscriptions(document);
    const found =
      conditional.length > 0 ? conditional : validate(schema, document, undefined, { maxErrors: MOST_ERRORS });
    const errors = found.slice(0, MOST_ERRORS).map(modestError);
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
): readonly DocumentError[] {
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: MOST_ERRORS,
  });
  return (errors ?? []).map(modestError);
}

/** graphql-js names what one may have meant; names that were not asked for are not for everyone. */
function modestError({ message, locations }: GraphQLError): DocumentError {
  return { message: modestMessage(message), ...(locations ? { locations } : {}) };
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
