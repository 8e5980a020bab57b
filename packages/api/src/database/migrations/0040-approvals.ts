import { systemColumns } from './record-columns';
import { SqlMigration } from './sql-migration';

/**
 * Approval rules, the queue of pending changes and what was decided about them. The proposed values are no column of the
 * queue: they stand sealed in `pending_payload`, a row for each revision, which only the gateway can open.
 */
export class Approvals extends SqlMigration {
  readonly name = 'Approvals0000000000040';
  protected readonly sql = `
create table approval_rule (${systemColumns},
  name text collate "C" not null unique check (char_length(name) <= 120),
  description text collate "C" check (char_length(description) <= 500),
  objects jsonb not null,
  actions jsonb not null,
  fields jsonb,
  trigger jsonb,
  window_hours integer check (window_hours between 1 and 8760)
);

create table approval_level (${systemColumns},
  rule_id uuid not null references approval_rule on delete restrict,
  level integer not null check (level between 1 and 9),
  approver_role_id uuid references role on delete restrict,
  approver_person_id uuid references person on delete restrict,
  approver_path text collate "C" check (char_length(approver_path) <= 200
    and approver_path ~ '^[a-z][A-Za-z0-9]*([.][a-z][A-Za-z0-9]*)*$'),
  quorum integer not null default 1 check (quorum between 1 and 100),
  everyone boolean not null default false,
  timeout_hours integer check (timeout_hours between 1 and 8760),
  escalation_role_id uuid references role on delete restrict,
  constraint approval_level_approver_check
    check (num_nonnulls(approver_role_id, approver_person_id, approver_path) = 1),
  constraint approval_level_escalation_check check (escalation_role_id is null or timeout_hours is not null)
);
create index approval_level_rule_id_idx on approval_level (rule_id);
create index approval_level_approver_role_id_idx on approval_level (approver_role_id);
create index approval_level_approver_person_id_idx on approval_level (approver_person_id);
create index approval_level_escalation_role_id_idx on approval_level (escalation_role_id);

create table approval_delegation (${systemColumns},
  absent_person_id uuid not null references person on delete restrict,
  delegate_id uuid not null references person on delete restrict,
  valid_from timestamptz(3) not null,
  valid_until timestamptz(3) not null,
  reason text collate "C" check (char_length(reason) <= 500),
  mac bytea,
  constraint approval_delegation_people_check check (absent_person_id <> delegate_id),
  constraint approval_delegation_validity_check check (valid_until > valid_from)
);
create index approval_delegation_absent_person_id_idx on approval_delegation (absent_person_id);
create index approval_delegation_delegate_id_idx on approval_delegation (delegate_id);

alter table pending_change drop constraint pending_change_status_check;
alter table pending_change alter column maker drop not null;
alter table pending_change
  add constraint pending_change_status_check check (status in
    ('PENDING', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'EXPIRED', 'CONFLICTED', 'APPLIED')),
  add column maker_user uuid,
  add column maker_client uuid,
  add column revision integer not null default 1 check (revision >= 1),
  add column level integer check (level between 1 and 9),
  add column level_since timestamptz(3),
  add column expires_at timestamptz(3),
  add column effective_at timestamptz(3),
  add column outcome text collate "C" check (char_length(outcome) <= 500),
  add column mac bytea;
create index pending_change_due_idx on pending_change (status, expires_at, effective_at);

create table approval_decision (${systemColumns},
  pending_change_id uuid not null references pending_change on delete restrict,
  revision integer not null check (revision >= 1),
  kind text collate "C" not null check (kind in ('APPROVE', 'REJECT', 'COMMENT')),
  level integer check (level between 1 and 9),
  person uuid not null,
  user_id uuid not null,
  on_behalf_of uuid,
  comment text collate "C" check (char_length(comment) <= 1000),
  digest text collate "C" check (char_length(digest) <= 64),
  mac bytea
);
create index approval_decision_pending_change_id_idx on approval_decision (pending_change_id, created_at);
create index approval_decision_person_idx on approval_decision (person);

create table pending_payload (
  pending_change_id uuid not null references pending_change on delete cascade,
  revision integer not null check (revision >= 1),
  sealed bytea not null,
  primary key (pending_change_id, revision)
);

select attach_outside_trace(t::regclass, o, gateway_role()) from (values
  ('approval_rule', 'ApprovalRule'), ('approval_level', 'ApprovalLevel'),
  ('approval_delegation', 'ApprovalDelegation'), ('pending_change', 'PendingChange'),
  ('approval_decision', 'ApprovalDecision')
) as traced(t, o);

do $$
declare
  role_name name := gateway_role();
begin
  if role_name = current_user then return; end if;
  execute format('grant select, insert, update, delete on approval_rule, approval_level, approval_delegation,
    pending_change, approval_decision to %I', role_name);
  execute format('grant select, insert on pending_payload to %I', role_name);
end $$;
`;
}
