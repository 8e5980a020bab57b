import { systemColumns } from './record-columns';
import { SqlMigration } from './sql-migration';

/** Who may take which rights in an emergency, and who did. Rows that the gateway did not write lend nothing. */
export class BreakGlass extends SqlMigration {
  readonly name = 'BreakGlass0000000000050';
  protected readonly sql = `
create table break_glass_eligibility (${systemColumns},
  person_id uuid not null references person on delete restrict,
  role_id uuid not null references role on delete restrict,
  group_id uuid references sharing_group on delete restrict,
  longest_minutes integer not null check (longest_minutes between 1 and 480),
  reviewer_role_id uuid not null references role on delete restrict,
  purpose text collate "C" check (char_length(purpose) <= 500),
  mac bytea
);
create index break_glass_eligibility_person_id_idx on break_glass_eligibility (person_id);
create index break_glass_eligibility_role_id_idx on break_glass_eligibility (role_id);
create index break_glass_eligibility_group_id_idx on break_glass_eligibility (group_id);
create index break_glass_eligibility_reviewer_role_id_idx on break_glass_eligibility (reviewer_role_id);

create table break_glass_grant (${systemColumns},
  eligibility uuid not null,
  person uuid not null,
  user_id uuid not null,
  session_id text collate "C" check (char_length(session_id) <= 120),
  role uuid not null,
  sharing_group uuid,
  reviewer_role uuid not null,
  status text collate "C" not null default 'OPEN' check (status in ('OPEN', 'ENDED', 'REVIEWED')),
  reason text collate "C" not null check (char_length(reason) <= 500),
  opens_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  ended_at timestamptz(3),
  ended_by uuid,
  reviewed_by uuid,
  reviewed_at timestamptz(3),
  justified boolean,
  finding text collate "C" check (char_length(finding) <= 1000),
  mac bytea,
  constraint break_glass_grant_ends_check check (ends_at > opens_at),
  constraint break_glass_grant_review_check check ((status = 'REVIEWED') = (reviewed_by is not null)),
  constraint break_glass_grant_reviewer_check check (reviewed_by is distinct from person)
);
-- Nobody has a second grant before their last one was reviewed.
create unique index break_glass_grant_unreviewed_key on break_glass_grant (person) where status <> 'REVIEWED';
create index break_glass_grant_person_idx on break_glass_grant (person, id);
create index break_glass_grant_user_id_idx on break_glass_grant (user_id) where status = 'OPEN';
create index break_glass_grant_due_idx on break_glass_grant (ends_at) where status = 'OPEN';

-- What was done under break-glass is looked for by itself, and is little.
create index audit_entry_break_glass_idx on audit_entry (at desc, id desc) where break_glass;

select attach_outside_trace(t::regclass, o, gateway_role()) from (values
  ('break_glass_eligibility', 'BreakGlassEligibility'), ('break_glass_grant', 'BreakGlassGrant')
) as traced(t, o);

do $$
declare
  role_name name := gateway_role();
begin
  if role_name = current_user then return; end if;
  execute format('grant select, insert, update, delete on break_glass_eligibility to %I', role_name);
  execute format('grant select, insert, update on break_glass_grant to %I', role_name);
end $$;
`;
}
