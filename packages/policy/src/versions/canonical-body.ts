import type { ApprovalRule, Approver } from '../approvals/approval-rule';
import type { PolicyBody } from './policy-body';

/**
 * The canonical form of a body: a copy with every list and every key in one order, so that equal policies are equal
 * byte for byte. Lists inside a condition keep their order, which belongs to what they say. Frozen throughout.
 */
export function canonicalBody(body: PolicyBody): PolicyBody {
  const rules = body.approvalRules ?? [];
  const sorted: PolicyBody = {
    // None is written as in versions from before there were any: their digests stay what they are.
    ...(rules.length > 0 && { approvalRules: byKey(rules.map(canonicalRule), ({ id, name }) => [id, name]) }),
    catalogueRevision: body.catalogueRevision,
    cellRules: byKey(
      body.cellRules.map(({ condition, field, id, object, role }) => {
        return { condition: withSortedKeys(condition), field, id, object, role };
      }),
      ({ role, object, field, condition, id }) => [role, object, field, JSON.stringify(condition), id],
    ),
    groups: byKey(
      body.groups.map((group) => ({
        access: group.access,
        conditions: byKey(
          group.conditions.map(({ object, condition }) => ({ condition: withSortedKeys(condition), object })),
          ({ object, condition }) => [object, JSON.stringify(condition)],
        ),
        id: group.id,
        name: group.name,
      })),
      ({ id, name }) => [id, name],
    ),
    lines: byKey(
      body.lines.map(({ action, effect, field, id, object, role }) => ({ action, effect, field, id, object, role })),
      ({ role, object, field, action, effect, id }) => [role, object, field, action, effect, id],
    ),
    roles: byKey(
      body.roles.map(({ inherits, name }) => ({ inherits: byKey([...inherits], (role) => [role]), name })),
      ({ name }) => [name],
    ),
    sharing: byKey(
      body.sharing.map(({ object, sharing }) => ({ object, sharing })),
      ({ object, sharing }) => [object, sharing],
    ),
  };
  return deepFreeze(sorted);
}

/** What a rule says does not depend on the order of its objects, actions, fields and levels. */
function canonicalRule(rule: ApprovalRule): ApprovalRule {
  const names = <T extends string>(list: readonly T[]): T[] => byKey([...list], (name) => [name]);
  return {
    actions: names(rule.actions),
    fields: rule.fields && names(rule.fields),
    id: rule.id,
    levels: byKey(
      rule.levels.map(({ approver, escalateTo, id, level, quorum, timeoutHours }) => ({
        approver: withSortedKeys(approver) as Approver,
        escalateTo,
        id,
        level,
        quorum,
        timeoutHours,
      })),
      ({ level, id }) => [String(level).padStart(20, '0'), id],
    ),
    name: rule.name,
    objects: names(rule.objects),
    // What was not said before there was a word for it is left out: digests stay what they are.
    ...(rule.revealsHiddenTotals && { revealsHiddenTotals: true as const }),
    ...(rule.reviewers !== undefined && { reviewers: rule.reviewers }),
    trigger: withSortedKeys(rule.trigger),
    windowHours: rule.windowHours,
  };
}

/** The text over which digests and MACs of a policy are made. The body must have passed `checkPolicyBody`. */
export function policyBodyText(body: PolicyBody): string {
  return JSON.stringify(canonicalBody(body));
}

/** Sorts by UTF-16 code units: no locale has a say in what a digest is made over. */
function byKey<T>(items: T[], keyOf: (item: T) => readonly string[]): T[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  keyed.sort((a, b) => {
    const at = a.key.findIndex((part, index) => part !== b.key[index]);
    return at < 0 ? 0 : a.key[at]! < b.key[at]! ? -1 : 1;
  });
  return keyed.map(({ item }) => item);
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withSortedKeys(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
