import fc from 'fast-check';
import { meetings, propertyRuns } from '../../test/property-runs';
import { type GroupCondition, randomGroupCondition, randomPolicy } from '../../test/rows/random-policy';
import { SAMPLE_OBJECTS, sampleCatalogue } from '../../test/rows/sample-catalogue';
import { added, emea, enterprise, group, paid, policyOf, scope } from '../../test/rows/sample-scopes';
import type { GroupDefinition } from '../versions/policy-body';
import { scopeText } from './combine';
import { groupVoice, rowScopes } from './row-scope';
import { type WidenablePolicy, wideningsOf } from './widenings';

const ACCESSES = ['read', 'read-write'] as const;
const AUDIENCES = ['staff', 'portal'] as const;
const MEMBERSHIPS = fc.subarray(['a', 'b', 'c'], { minLength: 1 });

describe('what a change of policy may do', () => {
  test('a further condition of a group that already speaks about an object never adds a record of it', () => {
    const seen = { checked: 0, narrowed: 0, firstWords: 0, firstWordsThatAdd: 0 };
    const property = fc.property(randomPolicy(), randomGroupCondition(), MEMBERSHIPS, (before, condition, groupIds) => {
      const target = before.groups[0]!;
      const after = {
        ...before,
        groups: before.groups.map((g) => (g === target ? { ...g, conditions: [...g.conditions, condition] } : g)),
      };
      const members = before.groups.filter(({ id }) => groupIds.includes(id));
      for (const object of SAMPLE_OBJECTS) {
        const speaks = (g: GroupDefinition) => groupVoice(sampleCatalogue, g)(object) !== undefined;
        const open = before.sharing.some((entry) => entry.object === object);
        for (const audience of AUDIENCES) {
          for (const access of ACCESSES) {
            const old = rowScopes(sampleCatalogue, before, { groupIds }, audience, access)(object);
            const next = rowScopes(sampleCatalogue, after, { groupIds }, audience, access)(object);
            const more = added(object, old, next);
            const narrows = speaks(target) || (open && audience === 'staff' && !members.some(speaks));
            if (!narrows) {
              seen.firstWords++;
              if (more > 0) seen.firstWordsThatAdd++;
              continue;
            }
            seen.checked++;
            if (scopeText(old) !== scopeText(next)) seen.narrowed++;
            expect({ object, more }).toEqual({ object, more: 0 });
          }
        }
      }
    });
    fc.assert(property, { numRuns: propertyRuns(300), seed: 11 });
    console.info(`adding a condition: ${JSON.stringify(seen)}`);
    expect(seen.narrowed).toBeGreaterThan(meetings(500));
    // The exception is real: that is why a first word is gated like a grant.
    expect(seen.firstWordsThatAdd).toBeGreaterThan(meetings(50));
  });

  test("a group's first word on an object that another group restricts is a widening, and is reported as one", () => {
    const before = policyOf([group('a', [emea]), group('b', [])], ['Account']);
    const after = policyOf([group('a', [emea]), group('b', [enterprise])], ['Account']);
    expect(scope(before, 'Account')).toBe('region eq literal "EMEA"');
    expect(scope(after, 'Account')).toBe('any(region eq literal "EMEA",segment eq literal "ENTERPRISE")');
    expect(wideningsOf(sampleCatalogue, before, after).map(({ reason, object }) => `${reason} ${object}`)).toEqual([
      'first-word Account',
      'first-word Invoice',
      'first-word InvoiceLine',
      'first-word Contact',
    ]);
  });

  test.each<[string, WidenablePolicy, WidenablePolicy, string[]]>([
    ['a further condition', policyOf([group('a', [emea])]), policyOf([group('a', [emea, enterprise])]), []],
    ['closing an object', policyOf([], ['Account']), policyOf([]), []],
    ['taking write access', policyOf([group('a', [paid], 'read-write')]), policyOf([group('a', [paid])]), []],
    ['opening an object', policyOf([]), policyOf([], ['Account']), ['opened Account']],
    ['removing a group', policyOf([group('a', [paid])]), policyOf([]), ['silenced Invoice', 'silenced InvoiceLine']],
    [
      'removing a last condition',
      policyOf([group('a', [paid])]),
      policyOf([group('a', [])]),
      ['silenced Invoice', 'silenced InvoiceLine'],
    ],
    [
      'removing one of two',
      policyOf([group('a', [emea, paid])]),
      policyOf([group('a', [emea])]),
      ['changed Invoice', 'changed InvoiceLine'],
    ],
    [
      'giving write access',
      policyOf([group('a', [paid])]),
      policyOf([group('a', [paid], 'read-write')]),
      ['write-access Invoice', 'write-access InvoiceLine'],
    ],
  ])('%s is judged rightly', (_what, before, after, expected) => {
    expect(wideningsOf(sampleCatalogue, before, after).map(({ reason, object }) => `${reason} ${object}`)).toEqual(
      expected,
    );
  });

  test('a change in which no widening was found adds no record for anybody', () => {
    const seen = { edits: 0, clean: 0, cleanAndNarrower: 0, foundAndWider: 0 };
    const edit = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), at: fc.nat(2), condition: randomGroupCondition() }),
      fc.record({ kind: fc.constant('remove' as const), at: fc.nat(2), condition: randomGroupCondition() }),
      fc.record({ kind: fc.constant('access' as const), at: fc.nat(2), condition: randomGroupCondition() }),
      fc.record({ kind: fc.constant('sharing' as const), at: fc.nat(2), condition: randomGroupCondition() }),
      fc.record({ kind: fc.constant('drop' as const), at: fc.nat(2), condition: randomGroupCondition() }),
    );
    const property = fc.property(
      randomPolicy(),
      fc.array(edit, { minLength: 1, maxLength: 2 }),
      MEMBERSHIPS,
      (before, edits, groupIds) => {
        const after = edits.reduce(applyEdit, before);
        const widenings = wideningsOf(sampleCatalogue, before, after);
        seen.edits++;
        if (widenings.length === 0) seen.clean++;
        for (const object of SAMPLE_OBJECTS) {
          for (const audience of AUDIENCES) {
            for (const access of ACCESSES) {
              const old = rowScopes(sampleCatalogue, before, { groupIds }, audience, access)(object);
              const next = rowScopes(sampleCatalogue, after, { groupIds }, audience, access)(object);
              const more = added(object, old, next);
              if (widenings.some((widening) => widening.object === object)) {
                if (more > 0) seen.foundAndWider++;
                continue;
              }
              if (scopeText(old) !== scopeText(next)) seen.cleanAndNarrower++;
              expect({ object, more }).toEqual({ object, more: 0 });
            }
          }
        }
      },
    );
    fc.assert(property, { numRuns: propertyRuns(400), seed: 12 });
    console.info(`random edits: ${JSON.stringify(seen)}`);
    expect(seen.cleanAndNarrower).toBeGreaterThan(meetings(100));
    expect(seen.foundAndWider).toBeGreaterThan(meetings(50));
  });
});

type Edit = { kind: 'add' | 'remove' | 'access' | 'sharing' | 'drop'; at: number; condition: GroupCondition };

function applyEdit(policy: WidenablePolicy, { kind, at, condition }: Edit): WidenablePolicy {
  const index = at % Math.max(1, policy.groups.length);
  const change = (edited: (g: GroupDefinition) => GroupDefinition[]) => {
    return { ...policy, groups: policy.groups.flatMap((g, i) => (i === index ? edited(g) : [g])) };
  };
  switch (kind) {
    case 'add':
      return change((g) => [{ ...g, conditions: [...g.conditions, condition] }]);
    case 'remove':
      return change((g) => [{ ...g, conditions: g.conditions.slice(1) }]);
    case 'access':
      return change((g) => [{ ...g, access: g.access === 'read' ? 'read-write' : 'read' }]);
    case 'drop':
      return change(() => []);
    case 'sharing': {
      const without = policy.sharing.filter((entry) => entry.object !== condition.object);
      const wasOpen = without.length < policy.sharing.length;
      return { ...policy, sharing: wasOpen ? without : [...without, { object: condition.object, sharing: 'open' }] };
    }
  }
}
