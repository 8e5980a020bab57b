import { GraphQLScalarType } from 'graphql';

const RECORD = 'countersign.record';
const made = new Map<string, GraphQLScalarType>();

/**
 * A stand-in by which a capability verb names a catalogue type: `@Field(() => record('Invoice'))`. Its resolver returns
 * the record's id; the assembled schema puts the record type in its place and reads the record under the caller's policy.
 */
export function record(objectName: string): GraphQLScalarType {
  const known = made.get(objectName);
  if (known) return known;
  const scalar = new GraphQLScalarType({ name: `Record_${objectName}`, extensions: { [RECORD]: objectName } });
  made.set(objectName, scalar);
  return scalar;
}

/** The object that a placeholder stands for, or null for any other type. */
export function recordOf(type: unknown): string | null {
  return type instanceof GraphQLScalarType ? ((type.extensions[RECORD] as string | undefined) ?? null) : null;
}
