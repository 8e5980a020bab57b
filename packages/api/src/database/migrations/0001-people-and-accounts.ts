import { billingColumns, systemColumns } from './record-columns';
import { SqlMigration } from './sql-migration';

/** Persons, accounts, users and clients. */
export class PeopleAndAccounts extends SqlMigration {
  readonly name = 'PeopleAndAccounts0000000000001';
  protected readonly sql = `
create table person (${systemColumns},
  full_name text collate "C" not null check (char_length(full_name) <= 200),
  email text collate "C" check (char_length(email) <= 254),
  manager_id uuid references person on delete restrict,
  check (manager_id <> id)
);
create index person_manager_id_idx on person (manager_id);
create index person_full_name_idx on person (full_name, id);

create table account (${billingColumns},
  name text collate "C" not null check (char_length(name) <= 200),
  number text collate "C" check (char_length(number) <= 40),
  parent_id uuid references account on delete restrict,
  region text collate "C" not null check (region in ('EMEA', 'AMER', 'APAC', 'LATAM')),
  segment text collate "C" not null check (segment in ('ENTERPRISE', 'MID_MARKET', 'SMALL_BUSINESS', 'CONSUMER')),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  owner_id uuid references person on delete restrict,
  credit_limit numeric(18, 2) check (credit_limit >= 0),
  tax_id text collate "C" check (char_length(tax_id) <= 40),
  status text collate "C" not null default 'ACTIVE' check (status in ('ACTIVE', 'SUSPENDED', 'CLOSED')),
  check (parent_id <> id)
);
create index account_parent_id_idx on account (parent_id);
create index account_owner_id_idx on account (owner_id);
create index account_name_idx on account (name, id);
create index account_number_idx on account (number);
create index account_region_idx on account (region, id);
create index account_segment_idx on account (segment, id);

create table app_user (${systemColumns},
  person_id uuid not null references person on delete restrict,
  email text collate "C" not null unique
    check (char_length(email) <= 254 and email ~ '^[^A-Z\\s@]+@[^A-Z\\s@]+$'),
  status text collate "C" not null default 'ACTIVE' check (status in ('ACTIVE', 'DISABLED')),
  audience text collate "C" not null check (audience in ('STAFF', 'PORTAL')),
  account_id uuid references account on delete restrict,
  region text collate "C" check (region in ('EMEA', 'AMER', 'APAC', 'LATAM')),
  mac bytea
);
create index app_user_person_id_idx on app_user (person_id);
create index app_user_account_id_idx on app_user (account_id);

create table client (${systemColumns},
  name text collate "C" not null check (char_length(name) <= 120),
  status text collate "C" not null default 'ACTIVE' check (status in ('ACTIVE', 'DISABLED')),
  audience text collate "C" not null check (audience in ('STAFF', 'PORTAL')),
  account_id uuid references account on delete restrict,
  mac bytea
);
create index client_account_id_idx on client (account_id);
`;
}
