import { GraphQLObjectType, GraphQLSchema, GraphQLString, printSchema, validateSchema } from 'graphql';
import { builtinCatalogue } from '../builtin-catalogue';
import { assembleBothShapes, assembleSchema } from './assemble-schema';
import { type SchemaView, wholeView } from './schema-view';

const catalogue = builtinCatalogue();
const verbs = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { ping: { type: GraphQLString } } }),
});

/** Assembled schemas are taken as valid; this is where that is looked at. */
function problemsOf(schema: GraphQLSchema): string[] {
  return validateSchema(new GraphQLSchema({ ...schema.toConfig(), assumeValid: false })).map(String);
}

/** A class of callers that sees about this share of everything; `id` of what it sees at all, as policy has it. */
function someView(seed: number, share: number): SchemaView {
  const sees = (...names: string[]) => {
    let hash = seed;
    for (const letter of names.join('.')) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003;
    return (hash * 48_271) % 1_000_003 < share * 1_000_003;
  };
  const readable = (object: string) => sees(object);
  return {
    audience: 'staff',
    readable,
    selectable: (object, member) => readable(object) && (member === 'id' || sees(object, member)),
    filterable: (object, member) => readable(object) && (member === 'id' || sees(object, member, 'filter')),
    changeable: (object, member) => sees(object, member, 'change'),
    allows: (object, verb) => sees(object, verb),
  };
}

test('the whole catalogue makes valid schemas in both shapes', () => {
  const { served, execution } = assembleBothShapes({ catalogue, verbs, view: wholeView });
  expect(problemsOf(served)).toEqual([]);
  expect(problemsOf(execution)).toEqual([]);
});

test('shapes that share their inputs say what each says alone', () => {
  const both = assembleBothShapes({ catalogue, verbs, view: wholeView });
  for (const shape of ['served', 'execution'] as const) {
    expect(printSchema(both[shape])).toBe(printSchema(assembleSchema({ catalogue, verbs, view: wholeView, shape })));
  }
});

test.each([0, 0.1, 0.3, 0.6, 0.9])('a class that sees %d of everything gets a valid schema', (share) => {
  for (let seed = 1; seed <= 3; seed += 1) {
    const view = someView(seed, share);
    expect(problemsOf(assembleSchema({ catalogue, verbs, view, shape: 'served' }))).toEqual([]);
  }
});
