import type { Relation } from 'typeorm';
import { currency, date, decimal, field, object, text, toMany, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { invoiceStatus } from '../enumerations';
import { Account } from './account';
import { Contract } from './contract';
import { CreditNote } from './credit-note';
import { InvoiceLine } from './invoice-line';
import { Payment } from './payment';

@object({
  kind: 'billing',
  table: 'invoice',
  plural: 'invoices',
  description: 'A demand for payment.',
  scopeVia: 'account',
  uniques: [['externalId'], ['account', 'number']],
})
export class Invoice extends BillingRecord {
  @toOne(() => Account, { write: 'create', inverse: 'invoices', description: 'The account that owes the invoice.' })
  account!: Relation<Account>;

  @toOne(() => Contract, {
    nullable: true,
    inverse: 'invoices',
    description: 'The contract that the invoice falls under.',
  })
  contract!: Relation<Contract> | null;

  @field(text(40), { description: 'The invoice number.' })
  number!: string;

  @field(invoiceStatus, { default: 'DRAFT', description: 'Where the invoice stands.' })
  status!: string;

  @field(currency, { description: 'The currency of all amounts on the invoice.' })
  currency!: string;

  @field(date, { description: 'The date printed on the invoice; for a draft, the date planned.' })
  issuedOn!: string;

  @field(date, { description: 'The day by which the invoice is to be paid.' })
  dueOn!: string;

  @field(decimal(18, 2, '0'), { default: '0.00', description: 'The sum of the lines, before tax.' })
  subtotal!: string;

  @field(decimal(18, 2, '0'), { default: '0.00', description: 'Tax on the subtotal.' })
  tax!: string;

  @field(decimal(18, 2, '0'), { default: '0.00', description: 'What is to be paid.' })
  total!: string;

  @field(text(4000), { nullable: true, description: 'Notes about the invoice.' })
  notes!: string | null;

  @toMany(() => InvoiceLine, 'invoice', { description: 'What is billed.' })
  lines!: Relation<InvoiceLine>[];

  @toMany(() => Payment, 'invoice', { description: 'Payments towards the invoice.' })
  payments!: Relation<Payment>[];

  @toMany(() => CreditNote, 'invoice', { description: 'Credits against the invoice.' })
  creditNotes!: Relation<CreditNote>[];
}
