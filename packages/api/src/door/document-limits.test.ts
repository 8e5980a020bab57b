import { parse } from 'graphql';
import { Fault } from '../path/faults';
import { modestMessage } from './check-document';
import { checkDocumentLimits } from './document-limits';
import { bodyProblem } from './json-body';

const LIMITS = { documentTokens: 1_000, selectionDepth: 3, selections: 6, aliases: 2, jsonDepth: 3 };

/** The code with which a document is refused, or null. */
function refusal(text: string, limits = LIMITS): string | null {
  try {
    checkDocumentLimits(parse(text), limits);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    return (error as Fault).code;
  }
}

describe('A document is counted as it will run', () => {
  test.each<[string, string, string | null]>([
    ['the last level', '{ a { b { c } } }', null],
    ['one level more', '{ a { b { c { d } } } }', 'COST_LIMIT'],
    ['inline fragments are no level', '{ a { ... { b { ... on X { c } } } } }', null],
    ['named fragments are no level', '{ ...F } fragment F on X { a { b { c } } }', null],
    ['a level inside a fragment', '{ a { ...F } } fragment F on X { b { c { d } } }', 'COST_LIMIT'],
    ['the last field', '{ a b c d e f }', null],
    ['one field more', '{ a b c d e f g }', 'COST_LIMIT'],
    ['a field in a fragment, once for each spread', '{ ...F ...F } fragment F on X { a b }', null],
    ['and one spread more', '{ ...F ...F ...F } fragment F on X { a }', null],
    ['three spreads of two fields', '{ ...F ...F ...F } fragment F on X { a b }', 'COST_LIMIT'],
    ['a fragment that one operation uses counts there only', '{ ...F } fragment F on X { a b c d e }', null],
    ['the last alias', '{ x: a y: b }', null],
    ['one alias more', '{ x: a y: b z: c }', 'COST_LIMIT'],
    ['aliases of a fragment, once for each spread', '{ ...F ...F } fragment F on X { x: a }', null],
    ['aliases of two operations, each by itself', 'query A { x: a y: b } query B { x: a y: b }', null],
    ['an operation that is too large beside one that is not', 'query A { a } query B { a b c d e f g }', 'COST_LIMIT'],
    ['many operations, each small', Array.from({ length: 4 }, (_, i) => `query Q${i} { a b c d e f }`).join(' '), null],
    ['too many of them', Array.from({ length: 5 }, (_, i) => `query Q${i} { a b c d e f }`).join(' '), 'COST_LIMIT'],
    ['a fragment that nothing uses', '{ a } fragment F on X { a b c d e f g }', 'COST_LIMIT'],
    ['a fragment that is not there', '{ ...F }', null],
    ['one sign-in', 'mutation { signIn(input: {}) { t } }', null],
    ['one sign-in in a fragment', 'mutation { ...F } fragment F on M { signIn(input: {}) { t } }', null],
    ['two sign-ins', 'mutation { signIn { t } x: signIn { t } }', 'COST_LIMIT'],
    ['a sign-in and a change of password', 'mutation { signIn { t } changePassword { t } }', 'COST_LIMIT'],
    ['a sign-in in each of two operations', 'mutation A { signIn { t } } mutation B { signIn { t } }', null],
    ['a field called signIn further down', '{ a { signIn } b { signIn } }', null],
    ['a value of the last level', '{ a(v: [[[]]]) }', null],
    ['a value one level deeper', '{ a(v: [[[1]]]) }', 'COST_LIMIT'],
    ['a deep object', '{ a(v: { b: { c: { d: 1 } } }) }', 'COST_LIMIT'],
    ['a deep value of a directive', '{ a @x(v: [[[1]]]) }', 'COST_LIMIT'],
    ['a deep value of a directive on a fragment', '{ ... @x(v: [[[1]]]) { a } }', 'COST_LIMIT'],
    ['a deep default', 'query ($v: I = [[[1]]]) { a }', 'COST_LIMIT'],
    ['a deep type', 'query ($v: [[[I]]]) { a }', 'COST_LIMIT'],
    ['a fragment in itself', '{ a } fragment F on X { ...F }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'fragments in one another',
      '{ ...F } fragment F on X { ...G } fragment G on X { ...F }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a type definition', 'type X { a: Int }', null],
    ['the last character', `{ a(v: "${'x'.repeat(19_988)}") }`, null],
    ['one character more', `{ a(v: "${'x'.repeat(19_989)}") }`, 'COST_LIMIT'],
    ['a long name of a field', `{ ${'x'.repeat(201)} }`, 'COST_LIMIT'],
    ['a long alias', `{ ${'x'.repeat(201)}: a }`, 'COST_LIMIT'],
    ['a long name of an operation', `query ${'x'.repeat(201)} { a }`, 'COST_LIMIT'],
    ['a long name of a variable', `query ($${'x'.repeat(201)}: I) { a }`, 'COST_LIMIT'],
    ['names of the last length', `query ${'x'.repeat(200)} { ${'y'.repeat(200)}: a }`, null],
  ])('%s', (_name, text, expected) => {
    expect(refusal(text)).toBe(expected);
  });

  test('fragments that double themselves stop at the limit, not at the end of time', () => {
    const doubling = Array.from({ length: 64 }, (_, i) => `fragment F${i} on X { ...F${i + 1} ...F${i + 1} }`).join(
      ' ',
    );
    expect(refusal(`{ ...F0 } ${doubling} fragment F64 on X { a }`, { ...LIMITS, selections: 2_000 })).toBe(
      'COST_LIMIT',
    );
  });
});

describe('A body is measured before anything is done with it', () => {
  const limits = { jsonDepth: 3, changes: 1 };
  test.each<[string, unknown, RegExp | null]>([
    ['nothing', undefined, null],
    ['a text', 'x', null],
    ['the last level', { a: { b: [1] } }, null],
    ['one level more', { a: { b: [[]] } }, /levels/],
    ['ten objects and lists', [{}, {}, {}, {}, {}, {}, {}, {}, {}], null],
    ['eleven', [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}], /objects and lists/],
    ['fifty values', Array(50).fill(1), null],
    ['fifty-one', Array(51).fill(1), /values/],
  ])('%s', (_name, body, problem) => {
    if (problem) expect(bodyProblem(body, limits)).toMatch(problem);
    else expect(bodyProblem(body, limits)).toBeNull();
  });
});

describe('A message of graphql-js leaves without what it suggests', () => {
  test.each([
    ['Cannot query field "nam" on type "A". Did you mean "name"?', 'Cannot query field "nam" on type "A".'],
    ['Unknown type "X". Did you mean "Y", "Z", or "W"?', 'Unknown type "X".'],
    ['Value "A" does not exist in "E" enum. Did you mean the enum value "B"?', 'Value "A" does not exist in "E" enum.'],
    ['What is it?', 'What is it?'],
    ['"Did you mean this" is not a number', '"Did you mean this" is not a number'],
  ])('%s', (message, left) => {
    expect(modestMessage(message)).toBe(left);
  });

  test('and short, however long the text that it quotes', () => {
    const long = `Unknown "${' Did you mean '.repeat(100_000)}"?`;
    expect(modestMessage(long).length).toBeLessThanOrEqual(501);
    expect(modestMessage('x'.repeat(1_000_000))).toHaveLength(501);
  });
});
