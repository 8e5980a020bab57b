import { ruleCovers, unlendableLines } from '@countersign/policy';
import type { DecidedUnder, Snapshot } from '../path/rooms';
import { gatesAreClosed, policyBodyOf } from '../snapshot/policy-records';
import { roleBook } from '../snapshot/role-book';
import { inputPlace, type RecordWrite, Refused, type UserError } from './change';

const ELIGIBILITY = 'BreakGlassEligibility';

/**
 * Refuses an eligibility for break-glass whose role reaches what is never lent, under the policy as it will be, and one
 * that a single person could make. A role that comes to reach such things later is no reason to refuse anything: what is
 * lent leaves them out.
 */
export function refuseUnlendable(
  next: Pick<Snapshot, 'catalogue' | 'policyRecords'>,
  { snapshot, principal }: Pick<DecidedUnder, 'snapshot' | 'principal'>,
  writes: readonly RecordWrite[],
  now: Date,
): void {
  const named = writes.filter(({ change, after }) => change.object.name === ELIGIBILITY && after !== null);
  if (named.length === 0) return;
  const body = policyBodyOf(next.policyRecords);
  const errors = named.flatMap(({ change, after }): UserError[] => {
    const role = roleBook(next.policyRecords).nameOf(String(after!.role));
    if (role !== undefined && unlendableLines(next.catalogue, body, role).length === 0) return [];
    return [{ code: 'INVALID', field: inputPlace(change.place, 'roleId'), message: NOT_LENT }];
  });
  const exempt = principal.kind === 'installation' || !gatesAreClosed(snapshot.policyRecords, now);
  if (!exempt && !named.every(({ change }) => takesTwo(snapshot, change.verb)))
    errors.push({ code: 'POLICY_INVALID', field: null, message: ALONE });
  if (errors.length > 0) throw new Refused(errors);
}

/** Installations from before break-glass have an approval rule for rights that does not name it. */
function takesTwo({ policy }: Pick<Snapshot, 'policy'>, verb: RecordWrite['change']['verb']): boolean {
  return (policy.body.approvalRules ?? []).some(
    (rule) => rule.trigger === null && rule.fields === null && ruleCovers(rule, { object: ELIGIBILITY, verb }),
  );
}

const NOT_LENT =
  'A role can be lent only if it, and what it inherits, allows nothing about system objects and approves nothing.';
const ALONE = `What break-glass may lend is named by two: first let an approval rule gate ${ELIGIBILITY}.`;
