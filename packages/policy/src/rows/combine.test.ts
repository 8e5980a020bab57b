import {
  ALWAYS_FALSE,
  ALWAYS_TRUE,
  all,
  any,
  conditionText,
  distinct,
  intersectScopes,
  not,
  scopeOf,
  scopeText,
} from './combine';
import type { Condition, RowScope } from './condition';
import { conditionJson } from './condition-json';

const rank = (value: number): Condition => ({
  kind: 'compare',
  field: 'rank',
  operator: 'eq',
  operand: { from: 'literal', value },
});
const [a, b, c] = [rank(1), rank(2), rank(3)];

test('all and any drop what says nothing, stop at what decides, and nest no list of their own kind', () => {
  expect([all([]), any([])]).toEqual([ALWAYS_TRUE, ALWAYS_FALSE]);
  expect([all([a, ALWAYS_TRUE]), any([ALWAYS_FALSE, a])]).toEqual([a, a]);
  expect([all([a, ALWAYS_FALSE, b]), any([a, ALWAYS_TRUE, b])]).toEqual([ALWAYS_FALSE, ALWAYS_TRUE]);
  expect([all([ALWAYS_TRUE]), any([ALWAYS_FALSE])]).toEqual([ALWAYS_TRUE, ALWAYS_FALSE]);
  expect(all([a, all([b, c])])).toEqual({ kind: 'all', of: [a, b, c] });
  expect(any([any([a, b]), c])).toEqual({ kind: 'any', of: [a, b, c] });
  expect(all([a, any([b, c])])).toEqual({ kind: 'all', of: [a, { kind: 'any', of: [b, c] }] });
});

test('not turns constants round, takes a not away, and keeps what it cannot turn', () => {
  expect([not(ALWAYS_TRUE), not(ALWAYS_FALSE)]).toEqual([ALWAYS_FALSE, ALWAYS_TRUE]);
  expect(not(a)).toEqual({ kind: 'not', of: a });
  expect(not(not(a))).toBe(a);
});

test('a condition has one text for its structure', () => {
  const slot = { from: 'request', slot: { n: 1 } } as const;
  const step: Condition = { kind: 'step', relation: 'owner', quantifier: 'one', of: any([a, ALWAYS_FALSE, not(b)]) };
  expect(conditionText(all([step, { kind: 'isNull', field: 'region', operand: slot }]))).toBe(
    'all(owner one(any(rank eq literal 1,not(rank eq literal 2))),region isNull request {"n":1})',
  );
  expect(
    conditionText({ kind: 'compare', field: 'id', operator: 'ne', operand: { from: 'principal', name: 'userId' } }),
  ).toBe('id ne principal userId');
  expect([conditionText(ALWAYS_TRUE), conditionText(ALWAYS_FALSE)]).toEqual(['true', 'false']);
  expect(distinct([a, b, rank(1)])).toEqual([a, b]);
});

test('a scope is its condition, or always, or never', () => {
  expect([scopeOf(ALWAYS_TRUE), scopeOf(ALWAYS_FALSE), scopeOf(a)]).toEqual([
    { kind: 'always' },
    { kind: 'never' },
    { kind: 'only-where', condition: a },
  ]);
  expect([scopeText({ kind: 'always' }), scopeText({ kind: 'never' }), scopeText(scopeOf(a))]).toEqual([
    'always',
    'never',
    'rank eq literal 1',
  ]);
});

test('scopes together admit what each admits, and no scope at all admits nothing', () => {
  const [always, never, where]: RowScope[] = [{ kind: 'always' }, { kind: 'never' }, scopeOf(a)];
  expect(intersectScopes()).toEqual(never);
  expect(intersectScopes(always!, never!, where!)).toEqual(never);
  expect(intersectScopes(always!, always!)).toEqual(always);
  expect(intersectScopes(always!, where!, scopeOf(rank(1)))).toEqual(where);
  expect(intersectScopes(where!, scopeOf(b))).toEqual(scopeOf(all([a, b])));
});

test('a condition with values of a request has no JSON form', () => {
  const asked: Condition = { kind: 'compare', field: 'rank', operator: 'eq', operand: { from: 'request', slot: 1 } };
  expect(() => conditionJson(not(asked))).toThrow('A condition with values of a request has no JSON form');
  expect(conditionJson(all([not(a), any([b, c])]))).toEqual({
    and: [{ not: { rank: { eq: 1 } } }, { or: [{ rank: { eq: 2 } }, { rank: { eq: 3 } }] }],
  });
  expect([conditionJson(ALWAYS_TRUE), conditionJson(ALWAYS_FALSE)]).toEqual([{}, { or: [] }]);
});
