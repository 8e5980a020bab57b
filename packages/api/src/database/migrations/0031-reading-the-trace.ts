import { SqlMigration } from './sql-migration';

/**
 * What reading the audit log needs: indexes for its questions, a view with the values for the gateway's own verbs, and a
 * view for the generic object that keeps cardholder data out of `changes`: those are shown field by field, or not at all.
 */
export class ReadingTheTrace extends SqlMigration {
  readonly name = 'ReadingTheTrace0000000000031';
  protected readonly sql = `
create index audit_entry_object_name_idx on audit_entry (object_name, at, id);
create index audit_entry_person_id_idx on audit_entry (person_id, at) where person_id is not null;
create index audit_entry_refused_idx on audit_entry (at, id) where action in ('DENIED', 'SIGN_IN_FAILED');
-- Who read a record: the ids that the entries of protected reads list. Entries of changes are not in it.
create index audit_value_records_idx on audit_value using gin ((slots->'records'->1) jsonb_path_ops)
  where slots ? 'records';

create view audit_trace as
select e.id, 1 as version, e.at as created_at, e.at as updated_at, e.user_id as created_by, null::uuid as updated_by,
  e.at, e.action, e.object_name, e.record_id, e.user_id, e.person_id, e.client_id, e.request_id, e.policy_version,
  e.outside, e.reason, v.slots as changes, e.session_id, e.on_behalf_of, e.break_glass, e.code
from audit_entry e left join audit_value v on v.entry_id = e.id;

create or replace view audit_record as
select e.id, 1 as version, e.at as created_at, e.at as updated_at, e.user_id as created_by, null::uuid as updated_by,
  e.at, e.action, e.object_name, e.record_id, e.user_id, e.person_id, e.client_id, e.request_id, e.policy_version,
  e.outside, e.reason,
  case when e.object_name = 'PaymentMethod' then v.slots - array['holder', 'number'] else v.slots end as changes,
  e.session_id, e.on_behalf_of, e.break_glass, e.code
from audit_entry e left join audit_value v on v.entry_id = e.id;

do $$
declare
  role_name name := gateway_role();
begin
  if role_name = current_user then return; end if;
  execute format('grant select on audit_trace to %I', role_name);
end $$;
`;
}
