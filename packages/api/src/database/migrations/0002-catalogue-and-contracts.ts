import { billingColumns } from './record-columns';
import { SqlMigration } from './sql-migration';

/** What is sold, at which price, and what was agreed with whom. */
export class CatalogueAndContracts extends SqlMigration {
  readonly name = 'CatalogueAndContracts0000000000002';
  protected readonly sql = `
create table contact (${billingColumns},
  account_id uuid not null references account on delete restrict,
  first_name text collate "C" not null check (char_length(first_name) <= 100),
  last_name text collate "C" not null check (char_length(last_name) <= 100),
  email text collate "C" check (char_length(email) <= 254),
  phone text collate "C" check (char_length(phone) <= 40),
  company text collate "C" check (char_length(company) <= 200),
  street text collate "C" check (char_length(street) <= 200),
  city text collate "C" check (char_length(city) <= 100),
  state text collate "C" check (char_length(state) <= 100),
  postal_code text collate "C" check (char_length(postal_code) <= 20),
  country text collate "C" check (country ~ '^[A-Z]{2}$')
);
create index contact_account_id_idx on contact (account_id, last_name, id);
create index contact_email_idx on contact (email);

create table payment_method (${billingColumns},
  account_id uuid not null references account on delete restrict,
  brand text collate "C" not null check (char_length(brand) <= 40),
  last_four text collate "C" not null check (last_four ~ '^[0-9]{4}$'),
  expiry_month integer not null check (expiry_month between 1 and 12),
  expiry_year integer not null check (expiry_year between 2000 and 2100),
  holder text collate "C" not null check (char_length(holder) <= 200),
  number text collate "C" check (number ~ '^[0-9]{12,19}$'),
  preferred boolean not null default false
);
create index payment_method_account_id_idx on payment_method (account_id, id);

create table product (${billingColumns},
  name text collate "C" not null check (char_length(name) <= 200),
  code text collate "C" not null check (char_length(code) <= 64),
  description text collate "C" check (char_length(description) <= 2000),
  unit text collate "C" check (char_length(unit) <= 40),
  status text collate "C" not null default 'DRAFT' check (status in ('DRAFT', 'ACTIVE', 'RETIRED'))
);
create index product_name_idx on product (name, id);
create index product_code_idx on product (code);

create table package (${billingColumns},
  name text collate "C" not null check (char_length(name) <= 200),
  code text collate "C" not null check (char_length(code) <= 64),
  description text collate "C" check (char_length(description) <= 2000),
  status text collate "C" not null default 'DRAFT' check (status in ('DRAFT', 'ACTIVE', 'RETIRED'))
);
create index package_name_idx on package (name, id);
create index package_code_idx on package (code);

create table package_item (${billingColumns},
  package_id uuid not null references package on delete restrict,
  product_id uuid not null references product on delete restrict,
  quantity numeric(18, 6) not null default 1 check (quantity >= 0),
  position integer not null default 0 check (position >= 0),
  unique (package_id, product_id)
);
create index package_item_package_id_idx on package_item (package_id, position, id);
create index package_item_product_id_idx on package_item (product_id);

create table rate_class (${billingColumns},
  name text collate "C" not null check (char_length(name) <= 200),
  description text collate "C" check (char_length(description) <= 2000),
  unit text collate "C" not null check (char_length(unit) <= 40)
);
create index rate_class_name_idx on rate_class (name, id);

create table price (${billingColumns},
  product_id uuid references product on delete restrict,
  package_id uuid references package on delete restrict,
  rate_class_id uuid references rate_class on delete restrict,
  model text collate "C" not null check (model in ('FLAT', 'PER_UNIT', 'TIERED', 'VOLUME')),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric(18, 6) check (amount >= 0),
  tiers jsonb,
  effective_from date not null,
  effective_to date,
  constraint price_offer_check check (num_nonnulls(product_id, package_id) >= 1),
  constraint price_charge_check
    check (case when model in ('FLAT', 'PER_UNIT') then amount is not null else tiers is not null end),
  constraint price_effective_check check (effective_to >= effective_from)
);
create index price_product_id_idx on price (product_id, effective_from, id);
create index price_package_id_idx on price (package_id, effective_from, id);
create index price_rate_class_id_idx on price (rate_class_id);

create table contract (${billingColumns},
  account_id uuid not null references account on delete restrict,
  number text collate "C" not null check (char_length(number) <= 40),
  name text collate "C" check (char_length(name) <= 200),
  status text collate "C" not null default 'DRAFT' check (status in ('DRAFT', 'ACTIVE', 'EXPIRED', 'TERMINATED')),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  committed_amount numeric(18, 2) check (committed_amount >= 0),
  payment_term_days integer not null default 30 check (payment_term_days between 0 and 365),
  auto_renew boolean not null default false,
  signed_on date,
  starts_on date not null,
  ends_on date,
  unique (account_id, number),
  constraint contract_term_check check (ends_on >= starts_on)
);
create index contract_account_id_idx on contract (account_id, starts_on desc, id);
create index contract_starts_on_idx on contract (starts_on, id);

create table contract_rate (${billingColumns},
  contract_id uuid not null references contract on delete restrict,
  product_id uuid references product on delete restrict,
  rate_class_id uuid references rate_class on delete restrict,
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric(18, 6) not null check (amount >= 0),
  discount_percent numeric(5, 2) check (discount_percent >= 0 and discount_percent <= 100),
  effective_from date not null,
  effective_to date,
  constraint contract_rate_subject_check check (num_nonnulls(product_id, rate_class_id) >= 1),
  constraint contract_rate_effective_check check (effective_to >= effective_from)
);
create index contract_rate_contract_id_idx on contract_rate (contract_id, effective_from, id);
create index contract_rate_product_id_idx on contract_rate (product_id);
create index contract_rate_rate_class_id_idx on contract_rate (rate_class_id);

create table subscription (${billingColumns},
  account_id uuid not null references account on delete restrict,
  contract_id uuid references contract on delete restrict,
  product_id uuid references product on delete restrict,
  package_id uuid references package on delete restrict,
  price_id uuid references price on delete restrict,
  status text collate "C" not null default 'ACTIVE' check (status in ('TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED')),
  quantity numeric(18, 6) not null default 1 check (quantity >= 0),
  billing_period text collate "C" not null default 'MONTH' check (billing_period in ('MONTH', 'QUARTER', 'YEAR')),
  starts_on date not null,
  ends_on date,
  constraint subscription_offer_check check (num_nonnulls(product_id, package_id) = 1),
  constraint subscription_term_check check (ends_on >= starts_on)
);
create index subscription_account_id_idx on subscription (account_id, starts_on desc, id);
create index subscription_contract_id_idx on subscription (contract_id);
create index subscription_product_id_idx on subscription (product_id);
create index subscription_package_id_idx on subscription (package_id);
create index subscription_price_id_idx on subscription (price_id);
create index subscription_status_idx on subscription (status, id);

create table usage_record (${billingColumns},
  subscription_id uuid not null references subscription on delete restrict,
  rate_class_id uuid references rate_class on delete restrict,
  quantity numeric(18, 6) not null,
  used_at timestamptz(3) not null,
  source text collate "C" check (char_length(source) <= 120),
  description text collate "C" check (char_length(description) <= 500)
);
create index usage_record_subscription_id_idx on usage_record (subscription_id, used_at desc, id);
create index usage_record_rate_class_id_idx on usage_record (rate_class_id);
create index usage_record_used_at_idx on usage_record (used_at, id);
`;
}
