import { SqlMigration } from './sql-migration';

/** What decides freshness, what was published, how people prove who they are, and what was asked. Not catalogue objects. */
export class AuthorityAndSignIn extends SqlMigration {
  readonly name = 'AuthorityAndSignIn0000000000005';
  protected readonly sql = `
create table authority_head (
  only_row boolean primary key default true check (only_row),
  policy_version bigint not null check (policy_version >= 0),
  people_epoch bigint not null check (people_epoch >= 0)
);
insert into authority_head (policy_version, people_epoch) values (0, 0);

create table policy_version (
  n bigint primary key check (n > 0),
  body text collate "C" not null,
  sha256 bytea not null check (octet_length(sha256) = 32),
  mac bytea not null,
  status text collate "C" not null check (status in ('draft', 'published')),
  created_at timestamptz(3) not null default now(),
  created_by uuid
);

create table user_credential (
  user_id uuid primary key references app_user on delete restrict,
  password_hash text collate "C" not null,
  mac bytea not null,
  changed_at timestamptz(3) not null
);

create table sign_in_attempt (
  email_digest bytea not null,
  source text collate "C" not null,
  at timestamptz(3) not null,
  outcome text collate "C" not null
);
create index sign_in_attempt_email_digest_idx on sign_in_attempt (email_digest, at);
create index sign_in_attempt_source_idx on sign_in_attempt (source, at);
create index sign_in_attempt_at_idx on sign_in_attempt (at);

create table operation_event (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null,
  user_id uuid,
  client_id uuid,
  source text collate "C",
  document_hash text collate "C",
  operation_name text collate "C",
  duration_ms double precision,
  verdict text collate "C",
  records jsonb,
  request_id text collate "C",
  detail jsonb
);
create index operation_event_at_idx on operation_event (at);
create index operation_event_user_id_idx on operation_event (user_id, at);
create index operation_event_client_id_idx on operation_event (client_id, at);
`;
}
