import { SqlMigration } from './sql-migration';

/**
 * Entries of format version 2: the session, in whose stead, break-glass, and the code that something ended with. Entries
 * that were written before keep their header of version 1.
 */
export class TraceHeader extends SqlMigration {
  readonly name = 'TraceHeader0000000000030';
  protected readonly sql = `
alter table audit_entry
  add column session_id text collate "C" check (char_length(session_id) <= 120),
  add column on_behalf_of uuid,
  add column break_glass boolean not null default false,
  add column code text collate "C" check (char_length(code) <= 40),
  drop constraint audit_entry_action_check,
  add constraint audit_entry_action_check check (action in
    ('CREATE', 'UPDATE', 'DELETE', 'SIGN_IN', 'SIGN_IN_FAILED', 'READ', 'DENIED', 'EXPORT', 'PUBLISH', 'SYSTEM'));

create or replace view audit_record as
select e.id, 1 as version, e.at as created_at, e.at as updated_at, e.user_id as created_by, null::uuid as updated_by,
  e.at, e.action, e.object_name, e.record_id, e.user_id, e.person_id, e.client_id, e.request_id, e.policy_version,
  e.outside, e.reason, v.slots as changes, e.session_id, e.on_behalf_of, e.break_glass, e.code
from audit_entry e left join audit_value v on v.entry_id = e.id;

-- The same function as before with the header of version 2.
create or replace function write_outside_entry(object_name text, action text, members text[], old_row jsonb,
  new_row jsonb)
returns void language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  entry_id uuid := uuid_v7();
  happened timestamptz(3) := date_trunc('milliseconds', clock_timestamp());
  record_id uuid := coalesce(new_row, old_row) ->> 'id';
  reason text := left('Changed outside the gateway by the database role ' || session_user, 500);
  member record;
  old_value jsonb;
  new_value jsonb;
  salt bytea;
  names text[] := '{}';
  slots jsonb := '{}';
  salts bytea := '';
  commitments bytea := '';
begin
  for member in
    select split_part(m, ':', 1) as column_name, split_part(m, ':', 2) as name, split_part(m, ':', 3) as form
    from unnest(members) as m order by split_part(m, ':', 2) collate "C"
  loop
    old_value := trace_value(old_row -> member.column_name, member.form);
    new_value := trace_value(new_row -> member.column_name, member.form);
    continue when old_value = new_value;
    salt := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    names := names || member.name;
    slots := slots || jsonb_build_object(member.name, jsonb_build_array(old_value, new_value));
    salts := salts || salt;
    commitments := commitments || sha256(salt || convert_to(
      '[' || canonical_json(old_value) || ',' || canonical_json(new_value) || ']', 'UTF8'));
  end loop;
  if names = '{}' then return; end if;

  insert into audit_entry (id, at, action, object_name, record_id, outside, reason, header, commitments)
  values (entry_id, happened, action, object_name, record_id, true, reason,
    '{"action":' || to_json(action) ||
    ',"at":"' || to_char(happened at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ||
    ',"breakGlass":false,"client":null,"code":null' ||
    ',"id":"' || entry_id || '"' ||
    ',"object":' || to_json(object_name) ||
    ',"onBehalfOf":null,"outside":true,"person":null,"policyVersion":null' ||
    ',"reason":' || to_json(reason) ||
    ',"record":"' || record_id || '"' ||
    ',"request":null,"session":null' ||
    ',"slots":' || canonical_json(to_jsonb(names)) ||
    ',"user":null,"v":2}', commitments);
  insert into audit_value (entry_id, slots, salts) values (entry_id, slots, salts);
  insert into audit_unsealed (entry_id) values (entry_id);
end $$;
`;
}
