/*
 * Columns that every table of the catalogue begins with. Migrations that have been released must stay as they were: a
 * new common column is a new migration, never an edit here.
 */

export const systemColumns = `
  id uuid primary key,
  version integer not null default 1 check (version >= 1),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  created_by uuid,
  updated_by uuid`;

export const billingColumns = `${systemColumns},
  external_id text collate "C" unique check (char_length(external_id) <= 120)`;
