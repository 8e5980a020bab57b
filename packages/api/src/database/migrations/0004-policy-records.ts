import { systemColumns } from './record-columns';
import { SqlMigration } from './sql-migration';

/** Roles, permissions, sharing groups: the configuration that policy versions are made from. */
export class PolicyRecords extends SqlMigration {
  readonly name = 'PolicyRecords0000000000004';
  protected readonly sql = `
create table role (${systemColumns},
  name text collate "C" not null unique check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  description text collate "C" check (char_length(description) <= 500)
);

create table role_inheritance (${systemColumns},
  role_id uuid not null references role on delete restrict,
  inherits_id uuid not null references role on delete restrict,
  unique (role_id, inherits_id),
  constraint role_inheritance_self_check check (role_id <> inherits_id)
);
create index role_inheritance_inherits_id_idx on role_inheritance (inherits_id);

create table role_assignment (${systemColumns},
  role_id uuid not null references role on delete restrict,
  user_id uuid references app_user on delete restrict,
  client_id uuid references client on delete restrict,
  valid_from timestamptz(3),
  valid_until timestamptz(3),
  mac bytea,
  constraint role_assignment_holder_check check (num_nonnulls(user_id, client_id) = 1),
  constraint role_assignment_validity_check check (valid_until > valid_from)
);
create index role_assignment_role_id_idx on role_assignment (role_id);
create index role_assignment_user_id_idx on role_assignment (user_id);
create index role_assignment_client_id_idx on role_assignment (client_id);

create table field_permission (${systemColumns},
  role_id uuid not null references role on delete restrict,
  object_name text collate "C" not null check (object_name ~ '^([*]|[A-Za-z][A-Za-z0-9]{0,62})$'),
  field_name text collate "C" not null check (field_name ~ '^([*]|[A-Za-z][A-Za-z0-9]{0,62})$'),
  action text collate "C" not null check (action in ('SEE_MASKED', 'SEE_CLEAR', 'CHANGE')),
  effect text collate "C" not null check (effect in ('ALLOW', 'DENY')),
  constraint field_permission_line_key unique (role_id, object_name, field_name, action, effect)
);

create table object_permission (${systemColumns},
  role_id uuid not null references role on delete restrict,
  object_name text collate "C" not null check (object_name ~ '^([*]|[A-Za-z][A-Za-z0-9]{0,62})$'),
  action text collate "C" not null check (action in ('CREATE', 'UPDATE', 'DELETE', 'EXPORT', 'APPROVE')),
  effect text collate "C" not null check (effect in ('ALLOW', 'DENY')),
  constraint object_permission_line_key unique (role_id, object_name, action, effect)
);

create table object_setting (${systemColumns},
  object_name text collate "C" not null unique check (object_name ~ '^[A-Za-z][A-Za-z0-9]{0,62}$'),
  sharing text collate "C" not null check (sharing in ('OPEN', 'GROUPS_ONLY'))
);

create table sharing_group (${systemColumns},
  name text collate "C" not null unique check (char_length(name) <= 120),
  description text collate "C" check (char_length(description) <= 500),
  access text collate "C" not null default 'READ' check (access in ('READ', 'READ_WRITE'))
);

create table sharing_member (${systemColumns},
  group_id uuid not null references sharing_group on delete restrict,
  user_id uuid references app_user on delete restrict,
  role_id uuid references role on delete restrict,
  client_id uuid references client on delete restrict,
  mac bytea,
  unique (group_id, user_id),
  unique (group_id, role_id),
  unique (group_id, client_id),
  constraint sharing_member_who_check check (num_nonnulls(user_id, role_id, client_id) = 1)
);
create index sharing_member_user_id_idx on sharing_member (user_id);
create index sharing_member_role_id_idx on sharing_member (role_id);
create index sharing_member_client_id_idx on sharing_member (client_id);

create table sharing_condition (${systemColumns},
  group_id uuid not null references sharing_group on delete restrict,
  object_name text collate "C" not null check (object_name ~ '^[A-Za-z][A-Za-z0-9]{0,62}$'),
  condition jsonb not null
);
create index sharing_condition_group_id_idx on sharing_condition (group_id);

create table pending_change (${systemColumns},
  status text collate "C" not null default 'PENDING'
    check (status in ('PENDING', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'EXPIRED', 'APPLIED')),
  object_name text collate "C" not null check (object_name ~ '^[A-Za-z][A-Za-z0-9]{0,62}$'),
  reason text collate "C" check (char_length(reason) <= 500),
  maker uuid not null
);
create index pending_change_maker_idx on pending_change (maker);
create index pending_change_status_idx on pending_change (status, created_at, id);
`;
}
