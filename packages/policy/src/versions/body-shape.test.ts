import { casePolicy } from '../cases/case-policy';
import { shapeProblems, shown } from './body-shape';

const plain = casePolicy({ clerk: [] }, ['allow clerk see-clear Invoice.amount']);
const withCondition = (condition: unknown) => ({
  ...plain,
  groups: [{ id: 'g', name: 'g', access: 'read', conditions: [{ object: 'Invoice', condition }] }],
});
const CONDITION = 'policy.groups[0].conditions[0].condition';
const nested = (levels: number): unknown =>
  levels === 0 ? 'x' : levels % 2 ? { in: nested(levels - 1) } : [nested(levels - 1)];

class Posing {
  readonly roles = plain.roles;
}

test.each<[string, unknown]>([
  ['as it is', plain],
  ['without a prototype', Object.assign(Object.create(null), plain)],
  ['with every kind of JSON in a condition', withCondition({ a: [null, true, 'x', '', 0, -1.5], b: {} })],
  ['with a condition 32 levels deep', withCondition(nested(32))],
])('a body %s has the shape of a policy', (_, body) => {
  expect(shapeProblems(body)).toEqual([]);
});

test.each<[problem: string, body: unknown]>([
  ['policy must be an object', null],
  ['policy must be an object', [plain]],
  ['policy must be an object', 'policy'],
  ['policy must be an object', undefined],
  ['policy.roles[1] must be an object', { ...plain, roles: [...plain.roles, new Posing()] }],
  ['policy.catalogueRevision must be a text that is not empty', { ...plain, catalogueRevision: '' }],
  ['policy.roles must be a list', { ...plain, roles: 'clerk' }],
  ['policy.roles[0].inherits must be a list', { ...plain, roles: [{ name: 'clerk', inherits: null }] }],
  [
    'policy.roles[0].inherits[1] must be a text that is not empty',
    { ...plain, roles: [{ name: 'x', inherits: ['a', 7] }] },
  ],
  ['policy.lines[0] must be an object', { ...plain, lines: ['allow'] }],
  ['policy.lines[0].id must be a text that is not empty', { ...plain, lines: [{ ...plain.lines[0]!, id: undefined }] }],
  [
    'policy.lines[0].effect is ["allow"]; it must be allow or deny',
    { ...plain, lines: [{ ...plain.lines[0]!, effect: ['allow'] }] },
  ],
  [
    'policy.sharing[0].sharing is null; it must be open or groups-only',
    { ...plain, sharing: [{ object: 'x', sharing: null }] },
  ],
  ['policy.groups must be a list', { ...plain, groups: {} }],
  [
    'policy.groups[0].access is "write"; it must be read or read-write',
    { ...plain, groups: [{ id: 'g', name: 'g', access: 'write', conditions: [] }] },
  ],
  [
    'policy.cellRules[0].role must be a text that is not empty',
    { ...plain, cellRules: [{ id: 'x', role: 1, object: 'x', field: 'x', condition: {} }] },
  ],
  ['policy.lines must be a list', Object.setPrototypeOf({ ...plain, lines: undefined }, null)],
  [`${CONDITION} is not a number that JSON can hold`, withCondition(Number.POSITIVE_INFINITY)],
  [`${CONDITION}.a.b[1] is not a value that JSON can hold`, withCondition({ a: { b: [1, new Date(0)] } })],
  [`${CONDITION} is not a value that JSON can hold`, withCondition(10n)],
])('%s', (problem, body) => {
  expect(shapeProblems(body)).toEqual([problem]);
});

test('a condition deeper than 32 levels is not looked at any further', () => {
  expect(shapeProblems(withCondition(nested(33)))).toEqual([
    expect.stringMatching(/\.in(\[0\]\.in)* is nested too deeply$/),
  ]);
});

test('what every object inherits is no value of a body', () => {
  const inherited = Object.create({ roles: plain.roles });
  expect(shapeProblems({ ...plain, constructor: 1 })).toEqual(['policy has the unknown key "constructor"']);
  expect(shapeProblems(inherited)).toEqual(['policy must be an object']);
});

test('a value is shown quoted and never at length', () => {
  expect(shown('a"b')).toBe('"a\\"b"');
  expect(shown(undefined)).toBe('undefined');
  expect(shown('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`);
  expect(shown('x'.repeat(79))).toBe(`"${'x'.repeat(79)}…`);
});
