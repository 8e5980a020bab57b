import type { Relation } from 'typeorm';
import { boolean, field, integer, object, text, toMany, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { Account } from './account';
import { Payment } from './payment';

@object({
  kind: 'billing',
  table: 'payment_method',
  plural: 'paymentMethods',
  description: 'A payment card of an account.',
  scopeVia: 'account',
  subjectVia: 'account',
  uniques: [['externalId']],
})
export class PaymentMethod extends BillingRecord {
  @toOne(() => Account, {
    write: 'create',
    inverse: 'paymentMethods',
    description: 'The account that pays with the card.',
  })
  account!: Relation<Account>;

  @field(text(40), { write: 'create', description: 'The card scheme, such as Visa.' })
  brand!: string;

  @field(text(4, '^[0-9]{4}$'), {
    write: 'create',
    description: 'The last four digits of the card number, by which people know the card.',
  })
  lastFour!: string;

  @field(integer({ min: 1, max: 12 }), { description: 'The month in which the card expires.' })
  expiryMonth!: number;

  @field(integer({ min: 2000, max: 2100 }), { description: 'The year in which the card expires.' })
  expiryYear!: number;

  @field(text(200), { tags: ['personal', 'cardholder'], mask: 'initial', description: 'The name printed on the card.' })
  holder!: string;

  @field(text(19, '^[0-9]{12,19}$'), {
    nullable: true,
    write: 'create',
    tags: ['cardholder'],
    mask: 'last4',
    description: 'The full card number (PAN); absent when the payment provider keeps it.',
  })
  number!: string | null;

  @field(boolean, { default: false, description: 'Whether the account pays with this card unless it says otherwise.' })
  preferred!: boolean;

  @toMany(() => Payment, 'paymentMethod', { description: 'Payments made with the card.' })
  payments!: Relation<Payment>[];
}
