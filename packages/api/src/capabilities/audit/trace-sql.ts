import { Fault } from '../../path/faults';
import { nothingCanBeWritten } from '../../path/public-error';

/**
 * The common table expressions that write the entries of parameter `$n`, a JSON array of TraceRow: entry, values and the
 * queue of entries that no checkpoint has sealed yet. They stand in the statement that writes the records themselves, so
 * that there is no change without its trace, and no extra round trip either.
 */
export function traceExpressions(parameter: string): string {
  return `entries as (select * from json_to_recordset(${parameter}::json) as e(id uuid, at timestamptz, action text,
    object text, record uuid, "user" uuid, person uuid, client uuid, session text, behalf uuid, glass boolean,
    code text, request text, policy integer, reason text, header text, commitments text, slots jsonb, salts text)),
  traced as (insert into audit_entry (id, at, action, object_name, record_id, user_id, person_id, client_id,
      session_id, on_behalf_of, break_glass, code, request_id, policy_version, outside, reason, header, commitments)
    select id, at, action, object, record, "user", person, client, session, behalf, glass, code, request, policy, false,
      reason, header, decode(commitments,'base64') from entries),
  valued as (insert into audit_value (entry_id, slots, salts)
    select id, slots, decode(salts,'base64') from entries where slots is not null),
  queued as (insert into audit_unsealed (entry_id) select id from entries)`;
}

/** The fault to answer when the audit log cannot be written, or undefined for an error of another kind. */
export function auditFault(error: unknown): Fault | undefined {
  const { message = '', table = '' } = (error ?? {}) as { message?: string; table?: string };
  const named = /\baudit_(entry|value|unsealed)\b/;
  if (!named.test(message) && !named.test(table) && !nothingCanBeWritten(error)) return undefined;
  return new Fault('AUDIT_UNAVAILABLE', { inside: error });
}
