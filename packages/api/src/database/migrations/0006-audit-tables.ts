import { SqlMigration } from './sql-migration';

/**
 * The audit log. Headers and commitments never change; the values and salts beside them may one day be sealed or erased
 * without breaking a proof. No foreign keys: an entry outlives everything it speaks about.
 */
export class AuditTables extends SqlMigration {
  readonly name = 'AuditTables0000000000006';
  protected readonly sql = `
create table audit_entry (
  id uuid primary key,
  at timestamptz(3) not null,
  action text collate "C" not null check (action in
    ('CREATE', 'UPDATE', 'DELETE', 'SIGN_IN', 'SIGN_IN_FAILED', 'READ', 'DENIED', 'PUBLISH', 'SYSTEM')),
  object_name text collate "C" check (char_length(object_name) <= 63),
  record_id uuid,
  user_id uuid,
  person_id uuid,
  client_id uuid,
  request_id text collate "C" check (char_length(request_id) <= 120),
  policy_version integer check (policy_version >= 0),
  outside boolean not null,
  reason text collate "C" check (char_length(reason) <= 500),
  header text collate "C" not null,
  commitments bytea not null check (octet_length(commitments) % 32 = 0)
);
create index audit_entry_at_idx on audit_entry (at, id);
create index audit_entry_record_id_idx on audit_entry (record_id, at);
create index audit_entry_user_id_idx on audit_entry (user_id, at);

create table audit_value (
  entry_id uuid primary key,
  slots jsonb not null,
  salts bytea not null
);

create table audit_unsealed (entry_id uuid primary key);

create view audit_record as
select e.id, 1 as version, e.at as created_at, e.at as updated_at, e.user_id as created_by, null::uuid as updated_by,
  e.at, e.action, e.object_name, e.record_id, e.user_id, e.person_id, e.client_id, e.request_id, e.policy_version,
  e.outside, e.reason, v.slots as changes
from audit_entry e left join audit_value v on v.entry_id = e.id;
`;
}
