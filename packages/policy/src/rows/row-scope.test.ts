import fc from 'fast-check';
import { meetings, propertyRuns } from '../../test/property-runs';
import { type GroupCondition, randomPolicy } from '../../test/rows/random-policy';
import { SAMPLE_OBJECTS, sampleCatalogue } from '../../test/rows/sample-catalogue';
import {
  added,
  admitted,
  emea,
  enterprise,
  group,
  paid,
  policyOf,
  records,
  scope,
} from '../../test/rows/sample-scopes';
import { ConditionInvalid } from './build-condition';
import { rowScopes } from './row-scope';

describe('what a principal may touch', () => {
  test('a child follows its parent through every link, and its own condition narrows it further', () => {
    const policy = policyOf([group('a', [emea, paid])]);
    expect(scope(policy, 'Account')).toBe('region eq literal "EMEA"');
    expect(scope(policy, 'Invoice')).toBe('all(status eq literal "PAID",account one(region eq literal "EMEA"))');
    expect(scope(policy, 'InvoiceLine')).toBe(
      'invoice one(all(status eq literal "PAID",account one(region eq literal "EMEA")))',
    );
  });

  test('several groups are joined by or, and several conditions of one group by and', () => {
    expect(scope(policyOf([group('b', [enterprise]), group('a', [emea])]), 'Account')).toBe(
      'any(region eq literal "EMEA",segment eq literal "ENTERPRISE")',
    );
    expect(scope(policyOf([group('a', [emea, enterprise])]), 'Account')).toBe(
      'all(region eq literal "EMEA",segment eq literal "ENTERPRISE")',
    );
  });

  test('where no group speaks, staff get open objects, and portals and unlisted objects get nothing', () => {
    expect(scope(policyOf([group('a', [paid])], ['Account']), 'Account')).toBe('always');
    expect(scope(policyOf([group('a', [paid])], ['Account']), 'Account', 'portal')).toBe('never');
    expect(scope(policyOf([group('a', [paid])]), 'Account')).toBe('never');
    expect(scope(policyOf([]), 'Nonsense')).toBe('never');
    const both = {
      groups: [],
      sharing: [
        { object: 'Account', sharing: 'groups-only' },
        { object: 'Account', sharing: 'open' },
      ],
    } as const;
    expect(scope(both, 'Account')).toBe('never');
  });

  test('an open object is not open to staff whose group speaks about it or about its parent', () => {
    expect(scope(policyOf([group('a', [emea])], ['Account', 'Invoice']), 'Invoice')).toBe(
      'account one(region eq literal "EMEA")',
    );
  });

  test('a group for everything still hides children without a parent', () => {
    const policy = policyOf([group('a', [{ object: 'Account', condition: {} }])]);
    expect(scope(policy, 'Account')).toBe('always');
    expect(scope(policy, 'Contact')).toBe('account one(true)');
    const orphans = records.Contact!.filter((contact) => contact.account === null);
    expect(orphans.length).toBeGreaterThan(0);
    const seen = admitted(
      'Contact',
      rowScopes(sampleCatalogue, policy, { groupIds: ['a'] }, 'staff', 'read')('Contact'),
    );
    expect(seen.size).toBe(records.Contact!.length - orphans.length);
  });

  test('only read-write groups make up the write scope; a read group that speaks closes it', () => {
    expect(
      scope(policyOf([group('a', [emea]), group('b', [enterprise], 'read-write')]), 'Account', 'staff', 'read-write'),
    ).toBe('segment eq literal "ENTERPRISE"');
    expect(scope(policyOf([group('a', [emea])], ['Account']), 'Account', 'staff', 'read-write')).toBe('never');
    expect(scope(policyOf([group('a', [paid])], ['Account']), 'Account', 'staff', 'read-write')).toBe('always');
  });

  test('groups that the principal is no member of say nothing', () => {
    const policy = policyOf([group('a', [emea])], ['Account']);
    expect(rowScopes(sampleCatalogue, policy, { groupIds: ['z'] }, 'staff', 'read')('Account')).toEqual({
      kind: 'always',
    });
  });

  test('scopes that follow each other in a circle end, whichever object is asked first', () => {
    const inBranch: GroupCondition = { object: 'Branch', condition: { region: { eq: 'EMEA' } } };
    const inOffice: GroupCondition = { object: 'Office', condition: { region: { eq: 'APAC' } } };
    const policy = policyOf([group('a', [inBranch, inOffice])]);
    expect(scope(policy, 'Branch')).toBe('all(region eq literal "EMEA",office one(region eq literal "APAC"))');
    expect(scope(policy, 'Office')).toBe('all(region eq literal "APAC",branch one(region eq literal "EMEA"))');
  });

  test('a condition that does not fit the catalogue is refused with its group and object', () => {
    const policy = policyOf([
      group('a', [emea, { object: 'Account', condition: { region: { eq: 5 } } }, { object: 'Nothing', condition: {} }]),
    ]);
    expect(() => scope(policy, 'Invoice')).toThrow(ConditionInvalid);
    expect(() => scope(policy, 'Invoice')).toThrow('group group a, Account: region.eq: expected a text');
    expect(() => scope(policy, 'Invoice')).toThrow('group group a, Nothing: there is no such object');
  });

  test('equal memberships in any order have equal scopes', () => {
    const groups = [group('a', [emea]), group('b', [enterprise])];
    expect(scope(policyOf(groups), 'Contact')).toBe(scope(policyOf([...groups].reverse()), 'Contact'));
  });
});

test('nobody may write a record that they may not read', () => {
  let fewer = 0;
  const property = fc.property(
    randomPolicy(),
    fc.constantFrom('staff' as const, 'portal' as const),
    (policy, audience) => {
      for (const object of SAMPLE_OBJECTS) {
        const read = rowScopes(sampleCatalogue, policy, { groupIds: ['a', 'b'] }, audience, 'read')(object);
        const write = rowScopes(sampleCatalogue, policy, { groupIds: ['a', 'b'] }, audience, 'read-write')(object);
        expect(added(object, read, write)).toBe(0);
        if (added(object, write, read) > 0) fewer++;
      }
    },
  );
  fc.assert(property, { numRuns: propertyRuns(200), seed: 10 });
  expect(fewer).toBeGreaterThan(meetings(100));
});
