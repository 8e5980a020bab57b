import type { Relation } from 'typeorm';
import { currency, date, decimal, field, object, text, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { paymentStatus } from '../enumerations';
import { Account } from './account';
import { Invoice } from './invoice';
import { PaymentMethod } from './payment-method';

@object({
  kind: 'billing',
  table: 'payment',
  plural: 'payments',
  description: 'Money received from an account.',
  scopeVia: 'account',
  uniques: [['externalId']],
})
export class Payment extends BillingRecord {
  @toOne(() => Account, { write: 'create', inverse: 'payments', description: 'The account that paid.' })
  account!: Relation<Account>;

  @toOne(() => Invoice, {
    nullable: true,
    inverse: 'payments',
    description: 'The invoice that is paid; absent while the payment is not allocated.',
  })
  invoice!: Relation<Invoice> | null;

  @toOne(() => PaymentMethod, {
    nullable: true,
    write: 'create',
    inverse: 'payments',
    description: 'The card that was charged.',
  })
  paymentMethod!: Relation<PaymentMethod> | null;

  @field(paymentStatus, { default: 'PENDING', description: 'Where the payment stands.' })
  status!: string;

  @field(currency, { description: 'The currency of the amount.' })
  currency!: string;

  @field(decimal(18, 2, '0'), { description: 'How much was paid.' })
  amount!: string;

  @field(date, { description: 'The day on which the money arrived or the card was charged.' })
  receivedOn!: string;

  @field(text(120), { nullable: true, description: 'The reference of the bank or payment provider.' })
  reference!: string | null;
}
