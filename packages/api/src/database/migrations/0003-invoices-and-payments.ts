import { billingColumns } from './record-columns';
import { SqlMigration } from './sql-migration';

/** What was billed, paid and credited. */
export class InvoicesAndPayments extends SqlMigration {
  readonly name = 'InvoicesAndPayments0000000000003';
  protected readonly sql = `
create table invoice (${billingColumns},
  account_id uuid not null references account on delete restrict,
  contract_id uuid references contract on delete restrict,
  number text collate "C" not null check (char_length(number) <= 40),
  status text collate "C" not null default 'DRAFT' check (status in ('DRAFT', 'ISSUED', 'PAID', 'OVERDUE', 'VOID')),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  issued_on date not null,
  due_on date not null,
  subtotal numeric(18, 2) not null default 0 check (subtotal >= 0),
  tax numeric(18, 2) not null default 0 check (tax >= 0),
  total numeric(18, 2) not null default 0 check (total >= 0),
  notes text collate "C" check (char_length(notes) <= 4000),
  unique (account_id, number),
  constraint invoice_due_check check (due_on >= issued_on)
);
create index invoice_account_id_idx on invoice (account_id, issued_on desc, id);
create index invoice_contract_id_idx on invoice (contract_id);
create index invoice_issued_on_idx on invoice (issued_on, id);
create index invoice_status_idx on invoice (status, due_on, id);
create index invoice_number_idx on invoice (number);

create table invoice_line (${billingColumns},
  invoice_id uuid not null references invoice on delete restrict,
  product_id uuid references product on delete restrict,
  position integer not null default 0 check (position >= 0),
  description text collate "C" not null check (char_length(description) <= 500),
  quantity numeric(18, 6) not null default 1,
  unit_price numeric(18, 6) not null,
  amount numeric(18, 2) not null
);
create index invoice_line_invoice_id_idx on invoice_line (invoice_id, position, id);
create index invoice_line_product_id_idx on invoice_line (product_id);

create table payment (${billingColumns},
  account_id uuid not null references account on delete restrict,
  invoice_id uuid references invoice on delete restrict,
  payment_method_id uuid references payment_method on delete restrict,
  status text collate "C" not null default 'PENDING' check (status in ('PENDING', 'SETTLED', 'FAILED', 'REFUNDED')),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric(18, 2) not null check (amount >= 0),
  received_on date not null,
  reference text collate "C" check (char_length(reference) <= 120)
);
create index payment_account_id_idx on payment (account_id, received_on desc, id);
create index payment_invoice_id_idx on payment (invoice_id, received_on, id);
create index payment_payment_method_id_idx on payment (payment_method_id);
create index payment_received_on_idx on payment (received_on, id);

create table credit_note (${billingColumns},
  account_id uuid not null references account on delete restrict,
  invoice_id uuid references invoice on delete restrict,
  number text collate "C" not null check (char_length(number) <= 40),
  status text collate "C" not null default 'DRAFT' check (status in ('DRAFT', 'ISSUED', 'APPLIED', 'VOID')),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  amount numeric(18, 2) not null check (amount >= 0),
  issued_on date not null,
  reason text collate "C" check (char_length(reason) <= 500),
  unique (account_id, number)
);
create index credit_note_account_id_idx on credit_note (account_id, issued_on desc, id);
create index credit_note_invoice_id_idx on credit_note (invoice_id);
create index credit_note_issued_on_idx on credit_note (issued_on, id);
`;
}
