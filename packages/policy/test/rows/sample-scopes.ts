import { scopeText } from '../../src/rows/combine';
import type { RowScope } from '../../src/rows/condition';
import { scopeAdmits } from '../../src/rows/evaluate-condition';
import { rowScopes, type SharingPolicy } from '../../src/rows/row-scope';
import type { WidenablePolicy } from '../../src/rows/widenings';
import type { Audience, GroupDefinition } from '../../src/versions/policy-body';
import { SAMPLE_PRINCIPAL } from './random-condition';
import type { GroupCondition } from './random-policy';
import { sampleCatalogue } from './sample-catalogue';
import { relatedIn, sampleRecords } from './sample-records';

export const records = sampleRecords(42);
const related = relatedIn(records);

/** The ids of an object's records in a scope. */
export function admitted(object: string, scope: RowScope): Set<unknown> {
  const ctx = { catalogue: sampleCatalogue, object, principal: SAMPLE_PRINCIPAL, related };
  return new Set(records[object]!.filter((record) => scopeAdmits(scope, record, ctx)).map((record) => record.id));
}

export function added(object: string, before: RowScope, after: RowScope): number {
  if (scopeText(before) === scopeText(after)) return 0;
  const had = admitted(object, before);
  return [...admitted(object, after)].filter((id) => !had.has(id)).length;
}

export const group = (
  id: string,
  conditions: GroupCondition[],
  access: GroupDefinition['access'] = 'read',
): GroupDefinition => ({
  id,
  name: `group ${id}`,
  access,
  conditions,
});
export const policyOf = (groups: GroupDefinition[], open: string[] = []): WidenablePolicy => ({
  roles: [],
  cellRules: [],
  groups,
  sharing: open.map((object) => ({ object, sharing: 'open' })),
});
export const emea: GroupCondition = { object: 'Account', condition: { region: { eq: 'EMEA' } } };
export const enterprise: GroupCondition = { object: 'Account', condition: { segment: { eq: 'ENTERPRISE' } } };
export const paid: GroupCondition = { object: 'Invoice', condition: { status: { eq: 'PAID' } } };

export function scope(
  policy: SharingPolicy,
  object: string,
  audience: Audience = 'staff',
  access: 'read' | 'read-write' = 'read',
) {
  const groupIds = policy.groups.map(({ id }) => id);
  return scopeText(rowScopes(sampleCatalogue, policy, { groupIds }, audience, access)(object));
}
