import type { Catalogue } from '@countersign/schema';
import { isCardholder } from './trace-right';

/** The columns of audit_entry `r` as the object of the log names them; `changes` comes beside them. */
export const ENTRY_COLUMNS = `r.id, 1 as version, r.at as created_at, r.at as updated_at, r.user_id as created_by,
  null::uuid as updated_by, r.at, r.action, r.object_name, r.record_id, r.user_id, r.person_id, r.client_id,
  r.request_id, r.policy_version, r.outside, r.reason, r.session_id, r.on_behalf_of, r.break_glass, r.code`;

/** The entries of the log with their values, fetched one by one, as rows of `alias`; for looks at a single record. */
export function traceRows(alias: string): string {
  return `(select ${ENTRY_COLUMNS}, w.slots as changes from audit_entry r
    left join lateral (select v.slots from audit_value v where v.entry_id = r.id offset 0) w on true) ${alias}`;
}

/** The values of an entry as text, without cardholder data, which nobody may find by guessing. */
export function searchedValues(catalogue: Catalogue, entry: string): string {
  const cases = [...catalogue.objects.values()].flatMap(({ name, members }) => {
    const withheld = members.filter(isCardholder).map((member) => `'${member.name}'`);
    return withheld.length > 0 ? [`when '${name}' then ${entry}.changes - array[${withheld.join(',')}]`] : [];
  });
  const values =
    cases.length > 0 ? `case ${entry}.object_name ${cases.join(' ')} else ${entry}.changes end` : `${entry}.changes`;
  return `(${values})::text`;
}
