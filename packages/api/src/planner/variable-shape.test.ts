import { assembleSchema, builtinCatalogue, wholeView } from '@countersign/schema';
import {
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { variableShape } from './variable-shape';

const verbs = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { ping: { type: GraphQLString } } }),
});
const schema = assembleSchema({ catalogue: builtinCatalogue(), view: wholeView, verbs, shape: 'execution' });

function shapeOf(declared: string, value: unknown): string {
  const operation = parse(`query ($v: ${declared}) { ping }`).definitions[0] as OperationDefinitionNode;
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions!, { v: value });
  expect(errors).toBeUndefined();
  return variableShape(schema, operation, coerced!);
}

describe('The shape of variables tells apart what needs plans of their own', () => {
  const GROUPS = '[InvoiceAggregateGroupBy!]';
  test.each([
    ['fields that are grouped by', GROUPS, [{ status: true }], [{ currency: true }]],
    ['their order', GROUPS, [{ status: true }, { currency: true }], [{ currency: true }, { status: true }]],
    ['fields of a parent', GROUPS, [{ account: { name: true } }], [{ account: { taxId: true } }]],
    ['periods', GROUPS, [{ issuedOn: { by: 'MONTH' } }], [{ issuedOn: { by: 'YEAR' } }]],
    ['a period as a variable', 'DateUnit!', 'DAY', 'WEEK'],
    [
      'a zone that is given or left out',
      GROUPS,
      [{ createdAt: { by: 'DAY', timeZone: 'UTC' } }],
      [{ createdAt: { by: 'DAY' } }],
    ],
    ['figures in having', 'InvoiceAggregateHaving', { sum: { total: { gt: '1' } } }, { avg: { total: { gt: '1' } } }],
    ['operators in having', 'InvoiceAggregateHaving', { sum: { total: { gt: '1' } } }, { sum: { total: { lt: '1' } } }],
    ['not in having', 'InvoiceAggregateHaving', { not: { sum: { tax: { gt: '1' } } } }, { sum: { tax: { gt: '1' } } }],
    ['directions', '[InvoiceAggregateOrderBy!]', [{ max: { total: 'ASC' } }], [{ max: { total: 'DESC' } }]],
    ['a direction as a variable', 'SortDirection', 'ASC', 'DESC'],
    ['directions in a list', '[SortDirection!]', ['ASC', 'DESC'], ['DESC', 'ASC']],
  ])('%s', (_name, declared, one, other) => {
    expect(shapeOf(declared, one)).not.toBe(shapeOf(declared, other));
  });

  test.each([
    [
      'zones',
      GROUPS,
      [{ createdAt: { by: 'DAY', timeZone: 'UTC' } }],
      [{ createdAt: { by: 'DAY', timeZone: 'Asia/Tokyo' } }],
    ],
    ['amounts', 'InvoiceAggregateHaving', { sum: { total: { gt: '1' } } }, { sum: { total: { gt: '2' } } }],
    ['enums that are compared with', 'InvoiceStatus', 'PAID', 'DRAFT'],
  ])('but not %s: those are bound', (_name, declared, one, other) => {
    expect(shapeOf(declared, one)).toBe(shapeOf(declared, other));
  });
});
