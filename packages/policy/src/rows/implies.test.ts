import fc from 'fast-check';
import { meetings, propertyRuns } from '../../test/property-runs';
import { conditionJsonOf } from '../../test/rows/random-condition';
import { sampleCatalogue } from '../../test/rows/sample-catalogue';
import { added, admitted } from '../../test/rows/sample-scopes';
import { intersectScopes } from './combine';
import type { RowScope } from './condition';
import { implies, scopeImplies } from './implies';
import { parseCondition } from './parse-condition';

test('an implication that was shown holds for every record', () => {
  const small = conditionJsonOf('Account', 2);
  const pair = fc.oneof(
    fc.tuple(small, small),
    // Pairs that are likely to be shown: parts added and taken away, at the top and below a step.
    fc.tuple(small, small).map(([a, b]) => [{ and: [a, b] }, a] as const),
    fc.tuple(small, small).map(([a, b]) => [{ owner: a }, { or: [{ owner: { or: [a, b] } }, b] }] as const),
    fc
      .tuple(small, small)
      .map(([a, b]) => [{ subsidiaries: { none: { or: [a, b] } } }, { subsidiaries: { none: a } }] as const),
    fc
      .tuple(small, small)
      .map(([a, b]) => [{ or: [{ and: [a, b] }, { and: [b, a] }] }, { and: [b, { or: [a, b] }] }] as const),
    fc
      .subarray(['EMEA', 'APAC', '', 'é'])
      .map((list) => [{ region: { in: list } }, { region: { in: ['EMEA', 'é', ''] } }] as const),
  );
  let shown = 0;
  const property = fc.property(pair, ([a, b]) => {
    const [narrow, wide] = [a, b].map((json) =>
      parseCondition(sampleCatalogue, 'Account', json, { allowPrincipal: true }),
    );
    if (!implies(narrow!, wide!)) return;
    shown++;
    expect(added('Account', { kind: 'only-where', condition: wide! }, { kind: 'only-where', condition: narrow! })).toBe(
      0,
    );
  });
  fc.assert(property, { numRuns: propertyRuns(1500), seed: 13 });
  expect(shown).toBeGreaterThan(meetings(500));
});

test('two scopes together admit exactly what both admit, and none admit nothing', () => {
  const scopes = fc.oneof(
    fc.constant<RowScope>({ kind: 'always' }),
    fc.constant<RowScope>({ kind: 'never' }),
    conditionJsonOf('Contact', 2).map((json): RowScope => {
      return {
        kind: 'only-where',
        condition: parseCondition(sampleCatalogue, 'Contact', json, { allowPrincipal: true }),
      };
    }),
  );
  const property = fc.property(scopes, scopes, (a, b) => {
    const both = [...admitted('Contact', a)].filter((id) => admitted('Contact', b).has(id));
    expect([...admitted('Contact', intersectScopes(a, b))]).toEqual(both);
  });
  fc.assert(property, { numRuns: propertyRuns(300), seed: 14 });
  expect(intersectScopes()).toEqual({ kind: 'never' });
});

test('a scope is shown to be no wider by its kind, too', () => {
  const condition = parseCondition(sampleCatalogue, 'Contact', { email: { eq: 'x' } }, { allowPrincipal: false });
  const some: RowScope = { kind: 'only-where', condition };
  const [always, never]: RowScope[] = [{ kind: 'always' }, { kind: 'never' }];
  expect([scopeImplies(never!, some), scopeImplies(some, some), scopeImplies(some, always!)]).toEqual([
    true,
    true,
    true,
  ]);
  expect([scopeImplies(always!, some), scopeImplies(some, never!), scopeImplies(always!, never!)]).toEqual([
    false,
    false,
    false,
  ]);
});

test.each([
  ['one part of a choice is not the whole', { or: [{ rank: { eq: 1 } }, { rank: { eq: 2 } }] }, { rank: { eq: 1 } }],
  ['one part does not make up all', { rank: { eq: 1 } }, { rank: { eq: 1 }, active: { eq: true } }],
  ['a longer list', { rank: { in: [1, 2] } }, { rank: { in: [1] } }],
  ['another field', { region: { eq: 'x' } }, { rank: { in: [1] } }],
  [
    'fewer excluded children',
    { subsidiaries: { none: { rank: { in: [1] } } } },
    { subsidiaries: { none: { rank: { in: [1, 2] } } } },
  ],
  ['a step to a parent and a step to children', { owner: {} }, { subsidiaries: { some: {} } }],
])('what may be wider is never called narrower: %s', (_title, narrow, wide) => {
  const [a, b] = [narrow, wide].map((json) =>
    parseCondition(sampleCatalogue, 'Account', json, { allowPrincipal: true }),
  );
  expect(implies(a!, b!)).toBe(false);
  expect(implies(a!, a!)).toBe(true);
});
