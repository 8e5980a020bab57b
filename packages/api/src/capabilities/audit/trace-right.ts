import type { SeeLevel } from '@countersign/policy';
import { type CatalogueMember, memberOf } from '@countersign/schema';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';

/** The object of the audit log in the catalogue. */
export const TRACE_OBJECT = 'AuditEntry';

/**
 * Whether somebody may read the values of every entry that their groups give them, whatever they see of the records: the
 * right `audit-all`. It is expressed by policy as seeing `AuditEntry.changes` clear.
 */
export function mayReadAllTraces({ authority }: Pick<DecidedUnder, 'authority'>): boolean {
  return showsHeader({ authority }, 'changes');
}

/** Throws FORBIDDEN for those to whom the audit log does not exist. */
export function requireTraceReader({ authority }: Pick<DecidedUnder, 'authority'>): void {
  if (!authority.table.readable(TRACE_OBJECT)) {
    throw new Fault('FORBIDDEN', { coordinate: TRACE_OBJECT, action: 'READ' });
  }
}

/** Whether a member of an entry itself, `AuditEntry.userId`, is shown; masked ones, and those under a cell rule, are not. */
export function showsHeader({ authority }: Pick<DecidedUnder, 'authority'>, member: string): boolean {
  return authority.table.see(TRACE_OBJECT, member) === 'clear' && !authority.cellRules(TRACE_OBJECT).has(member);
}

/**
 * How much somebody sees of a member's old and new values. The right to read all traces does not reach cardholder data:
 * those are seen as in the record. Of a member under a cell rule nothing is seen: where the rule held at either side of
 * a change cannot be told from the change alone.
 */
export function seesValue(under: DecidedUnder, object: string, member: CatalogueMember): SeeLevel {
  const { table, cellRules } = under.authority;
  if (mayReadAllTraces(under) && !isCardholder(member)) return 'clear';
  if (cellRules(object).has(member.name)) return 'none';
  const see = table.see(object, member.name);
  if (member.kind === 'field' || see === 'none') return see;
  return table.readable(member.target) ? see : 'none';
}

export function isCardholder(member: CatalogueMember): boolean {
  return member.kind === 'field' && member.tags.includes('cardholder');
}

/** The member that a question is about. Throws FIELD_FORBIDDEN for one that somebody does not see, known or not. */
export function requireSeenMember(under: DecidedUnder, object: string, name: string): CatalogueMember | null {
  const found = under.snapshot.catalogue.objects.get(object);
  const member = found && memberOf(found, name);
  // An object or a field that is gone from the catalogue still has its history, for those who may read all of it.
  if (!member && mayReadAllTraces(under)) return null;
  if (!member || seesValue(under, object, member) === 'none') {
    throw new Fault('FIELD_FORBIDDEN', { coordinate: `${object}.${name}`, action: 'SEE' });
  }
  return member;
}
