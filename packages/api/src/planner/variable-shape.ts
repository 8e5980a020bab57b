import { steersPlan } from '@countersign/schema';
import {
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { isLiteralSize, sizeBucket } from './page-sizes';

/**
 * What of the variables a plan depends on: which are absent or null, the names in input objects (members that are filtered,
 * grouped, compared or sorted by, and operators), Boolean values (they may steer @skip and @include), the values of enums
 * that steer plans (directions, periods), and the buckets of numbers (they may be page sizes). Every other value is left
 * out; it is bound when the statement runs.
 *
 * INVARIANT: two requests with the same document and the same shape get the same plan. Were an operator or a field
 * name left out here, a plan decided for a filter on one field would be used for a filter on another.
 */
export function variableShape(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  mostRecords = Number.POSITIVE_INFINITY,
): string {
  const shapes: string[] = [];
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type as never) as GraphQLInputType | undefined;
    // A type that this schema does not know cannot be looked into, so its whole value counts.
    shapes.push(`${name}=${type ? shapeOf(variables[name], type, mostRecords) : JSON.stringify(variables[name])}`);
  }
  return shapes.join('&');
}

function shapeOf(value: unknown, type: GraphQLInputType, mostRecords: number): string {
  if (value === undefined) return '-';
  if (value === null) return '0';
  const bare = isNonNullType(type) ? type.ofType : type;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return sizeShape(value, mostRecords);
  if (isEnumType(bare)) return steersPlan(bare) ? String(value) : 'e';
  if (isListType(bare)) {
    if (!Array.isArray(value)) return 'l';
    let item = bare.ofType as GraphQLInputType;
    while (isListType(item) || isNonNullType(item)) item = item.ofType as GraphQLInputType;
    if (steersPlan(item)) return `[${value.join(',')}]`;
    return isInputObjectType(item) ? `[${value.map((inner) => shapeOf(inner, item, mostRecords)).join(',')}]` : 'l';
  }
  if (isInputObjectType(bare)) {
    const fields = bare.getFields();
    const parts = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => `${name}:${shapeOf(inner, fields[name]!.type, mostRecords)}`);
    return `{${parts.join(',')}}`;
  }
  return 'v';
}

/** What is no page size has a shape of its own: it would be refused while planning, so it may find no plan that was made. */
function sizeShape(value: number, mostRecords: number): string {
  if (value < 0 || value > mostRecords) return 'x';
  return isLiteralSize(value) ? String(value) : `n${sizeBucket(value)}`;
}
