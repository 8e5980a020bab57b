import fc from 'fast-check';
import { meetings, propertyRuns } from '../../test/property-runs';
import { conditionJsonOf } from '../../test/rows/random-condition';
import { sampleCatalogue } from '../../test/rows/sample-catalogue';
import { added } from '../../test/rows/sample-scopes';
import type { RightsClass } from '../fields/decision-table';
import type { CellRuleDefinition, RoleDefinition } from '../versions/policy-body';
import { ConditionInvalid } from './build-condition';
import { applyingCellRules, type CellPolicy, cellRules } from './cell-rules';
import { conditionText, scopeOf, scopeText } from './combine';
import type { RowScope } from './condition';
import { type WidenablePolicy, wideningsOf } from './widenings';

/** `d` inherits `c` inherits `b`; `a` stands alone. */
const ROLES: readonly RoleDefinition[] = [
  { name: 'a', inherits: [] },
  { name: 'b', inherits: [] },
  { name: 'c', inherits: ['b'] },
  { name: 'd', inherits: ['c'] },
];
const NAMES = ROLES.map(({ name }) => name);
const FIELDS: readonly (readonly [string, string])[] = [
  ['Account', 'creditLimit'],
  ['Account', 'owner'],
  ['Invoice', 'account'],
  ['Contact', 'email'],
];

const rule = (id: string, role: string, coordinate: string, condition: unknown): CellRuleDefinition => {
  const [object = '', field = ''] = coordinate.split('.');
  return { id, role, object, field, condition };
};
const policyOf = (...rules: CellRuleDefinition[]): WidenablePolicy => {
  return { roles: ROLES, cellRules: rules, sharing: [], groups: [] };
};
const text = (policy: CellPolicy, roles: string[], coordinate: string, scopes: string[] | null = null) => {
  const [object = '', field = ''] = coordinate.split('.');
  const condition = cellRules(sampleCatalogue, policy, { roles, scopes })(object).get(field);
  return condition && conditionText(condition);
};

const EMEA = { region: { eq: 'EMEA' } };
const SMB = { segment: { eq: 'SMB' } };

describe('which rules apply', () => {
  const policy = policyOf(
    rule('1', 'b', 'Account.creditLimit', EMEA),
    rule('2', 'a', 'Account.creditLimit', SMB),
    rule('3', 'a', 'Invoice.account', {}),
    rule('4', 'b', 'Contact.email', { or: [] }),
  );
  const both = 'all(region eq literal "EMEA",segment eq literal "SMB")';

  test.each<[string, string[], string[] | null, string | undefined]>([
    ['none without its role', [], null, undefined],
    ['that of a role', ['b'], null, 'region eq literal "EMEA"'],
    ['that of a role inherited over two links', ['d'], null, 'region eq literal "EMEA"'],
    ['those of all roles together, whatever their order', ['d', 'a'], null, both],
    ['that of a scope that narrows a token', [], ['b'], 'region eq literal "EMEA"'],
    ['those of role and scope together', ['a'], ['c'], both],
    ['none of a role that the policy does not declare', ['z'], null, undefined],
  ])('%s', (_what, roles, scopes, expected) => {
    expect(text(policy, roles, 'Account.creditLimit', scopes)).toBe(expected);
  });

  test('those that apply come in the order of their ids, and their order makes no other condition', () => {
    const turned = policyOf(
      rule('2', 'a', 'Account.creditLimit', EMEA),
      rule('3', 'a', 'Account.creditLimit', SMB),
      rule('1', 'b', 'Account.creditLimit', EMEA),
    );
    const rights = { roles: ['a', 'b'], scopes: null };
    expect(applyingCellRules(turned, rights).map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(text(turned, ['a', 'b'], 'Account.creditLimit')).toBe(both);
    const exchanged = policyOf(rule('1', 'a', 'Account.creditLimit', SMB), rule('2', 'a', 'Account.creditLimit', EMEA));
    expect(text(exchanged, ['a'], 'Account.creditLimit')).toBe(both);
    expect(applyingCellRules({ ...turned, roles: [...ROLES].reverse() }, { roles: [], scopes: ['d'] })).toHaveLength(1);
  });

  test('a rule that does not fit the catalogue is refused by its id, with each problem', () => {
    const unfit = policyOf(rule('7', 'a', 'Account.creditLimit', { colour: {}, rank: 1 }));
    expect(() => text(unfit, ['a'], 'Account.creditLimit')).toThrow(
      new ConditionInvalid(['cell rule "7": colour: Account has no colour', 'cell rule "7": rank: expected an object']),
    );
  });

  test('a rule that always holds is none, and one that never holds withholds everywhere', () => {
    expect(text(policy, ['a'], 'Invoice.account')).toBeUndefined();
    expect(text(policy, ['b'], 'Contact.email')).toBe('false');
  });

  test('the same rule on two roles is asked once', () => {
    const twice = policyOf(
      rule('1', 'a', 'Account.creditLimit', EMEA),
      rule('2', 'b', 'Account.creditLimit', { region: { eq: 'EMEA' } }),
    );
    expect(text(twice, ['a', 'b'], 'Account.creditLimit')).toBe('region eq literal "EMEA"');
  });

  test.each([
    ['Nothing.here', '"Nothing" is not an object'],
    ['Account.nothing', 'Account has no field "nothing"'],
    ['Account.id', 'limit the records instead'],
    ['Account.version', 'every change of the record asks for it'],
    ['Account.invoices', 'withheld from its other side, Invoice.account'],
  ])('a rule on %s is an error and never silent', (coordinate, problem) => {
    const bad = policyOf(rule('1', 'a', coordinate, {}));
    expect(() => cellRules(sampleCatalogue, bad, { roles: ['a'], scopes: null })).toThrow(ConditionInvalid);
    expect(() => cellRules(sampleCatalogue, bad, { roles: ['a'], scopes: null })).toThrow(problem);
  });
});

const randomRule = fc.constantFrom(...FIELDS).chain(([object, field]) =>
  fc.record({ role: fc.constantFrom(...NAMES), condition: conditionJsonOf(object, 2) }).map((drawn) => {
    return { ...drawn, object, field };
  }),
);
const randomRules = fc
  .array(randomRule, { maxLength: 5 })
  .map((rules) => rules.map((drawn, i): CellRuleDefinition => ({ id: `r${i}`, ...drawn })));
const randomRights = fc.record({
  roles: fc.subarray(NAMES),
  scopes: fc.option(fc.subarray(NAMES, { minLength: 1 }), { nil: null }),
});

const NOWHERE_LIMITED = { kind: 'always' } as const;

/** Where a class sees a field. */
function scopeOn(policy: CellPolicy, rights: RightsClass, [object, field]: readonly [string, string]): RowScope {
  const condition = cellRules(sampleCatalogue, policy, rights)(object).get(field);
  return condition ? scopeOf(condition) : NOWHERE_LIMITED;
}

/** How many records show the field after and did not before. */
function gained(object: string, before: RowScope, after: RowScope): number {
  return scopeText(before) === scopeText(after) ? 0 : added(object, before, after);
}

test('adding a rule, a role or a scope never shows a cell that was withheld', () => {
  const seen = { withheld: 0, narrower: 0 };
  fc.assert(
    fc.property(randomRules, randomRule, randomRights, fc.constantFrom(...NAMES), (rules, added, rights, name) => {
      const before = policyOf(...rules);
      const wider: [CellPolicy, typeof rights][] = [
        [policyOf(...rules, { id: 'new', ...added }), rights],
        [before, { ...rights, roles: [...new Set([...rights.roles, name])] }],
        [before, { ...rights, scopes: [...new Set([...(rights.scopes ?? []), name])] }],
      ];
      for (const [after, held] of wider) {
        for (const at of FIELDS) {
          const [old, now] = [scopeOn(before, rights, at), scopeOn(after, held, at)];
          if (old.kind !== 'always') seen.withheld++;
          if (scopeText(old) !== scopeText(now)) seen.narrower++;
          expect({ at, more: gained(at[0], old, now) }).toEqual({ at, more: 0 });
        }
      }
    }),
    { numRuns: propertyRuns(100), seed: 21 },
  );
  console.info(`adding to cell rules: ${JSON.stringify(seen)}`);
  expect(seen.withheld).toBeGreaterThan(meetings(200));
  expect(seen.narrower).toBeGreaterThan(meetings(40));
});

test('a change in which no widening was found shows nobody a further cell', () => {
  const seen = { clean: 0, foundAndWider: 0 };
  const edits = fc.constantFrom('drop', 'loosen', 'add', 'forget a role', 'cut an inheritance');
  fc.assert(
    fc.property(randomRules, randomRule, edits, randomRights, (rules, drawn, edit, rights) => {
      const before = policyOf(...rules);
      const after: WidenablePolicy = {
        ...before,
        ...(edit === 'drop' ? { cellRules: rules.slice(1) } : {}),
        ...(edit === 'loosen'
          ? { cellRules: rules.map((r, i) => (i ? r : { ...r, condition: { or: [r.condition, drawn.condition] } })) }
          : {}),
        ...(edit === 'add' ? { cellRules: [...rules, { id: 'new', ...drawn }] } : {}),
        ...(edit === 'forget a role'
          ? { roles: ROLES.filter(({ name }) => name !== 'a'), cellRules: rules.filter(({ role }) => role !== 'a') }
          : {}),
        ...(edit === 'cut an inheritance'
          ? { roles: ROLES.map((role) => (role.name === 'd' ? { ...role, inherits: [] } : role)) }
          : {}),
      };
      // A loosened rule keeps its object only if the other condition fits it.
      fc.pre(edit !== 'loosen' || rules[0]?.object === drawn.object);
      const widenings = wideningsOf(sampleCatalogue, before, after);
      for (const [object, field] of FIELDS) {
        const found = widenings.some((widening) => widening.object === object && widening.cell?.field === field);
        const at = [object, field] as const;
        const more = gained(object, scopeOn(before, rights, at), scopeOn(after, rights, at));
        if (found && more > 0) seen.foundAndWider++;
        if (found) continue;
        seen.clean++;
        expect({ edit, at, more }).toEqual({ edit, at, more: 0 });
      }
    }),
    { numRuns: propertyRuns(150), seed: 22 },
  );
  console.info(`edits of cell rules: ${JSON.stringify(seen)}`);
  expect(seen.foundAndWider).toBeGreaterThan(meetings(10));
  expect(seen.clean).toBeGreaterThan(meetings(250));
});

test.each<[string, WidenablePolicy, string[]]>([
  [
    'removing a rule',
    policyOf(),
    ['uncovered Account.creditLimit of b', 'uncovered Account.creditLimit of c', 'uncovered Account.creditLimit of d'],
  ],
  ['making a rule narrower', policyOf(rule('1', 'b', 'Account.creditLimit', { ...EMEA, ...SMB })), []],
  ['a further rule', policyOf(rule('1', 'b', 'Account.creditLimit', EMEA), rule('2', 'a', 'Contact.email', {})), []],
  [
    'moving a rule to a role that inherits',
    policyOf(rule('1', 'c', 'Account.creditLimit', EMEA)),
    ['uncovered Account.creditLimit of b'],
  ],
])('%s is judged rightly', (_what, after, expected) => {
  const before = policyOf(rule('1', 'b', 'Account.creditLimit', EMEA));
  const found = wideningsOf(sampleCatalogue, before, after);
  expect(found.map(({ reason, object, cell }) => `${reason} ${object}.${cell?.field} of ${cell?.role}`)).toEqual(
    expected,
  );
});
