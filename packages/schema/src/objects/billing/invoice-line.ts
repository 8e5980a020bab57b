import type { Relation } from 'typeorm';
import { decimal, field, integer, object, text, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { Invoice } from './invoice';
import { Product } from './product';

@object({
  kind: 'billing',
  table: 'invoice_line',
  plural: 'invoiceLines',
  description: 'One line of an invoice, in the currency of the invoice.',
  scopeVia: 'invoice',
  uniques: [['externalId']],
})
export class InvoiceLine extends BillingRecord {
  @toOne(() => Invoice, { write: 'create', inverse: 'lines', description: 'The invoice that the line stands on.' })
  invoice!: Relation<Invoice>;

  @toOne(() => Product, {
    nullable: true,
    inverse: 'invoiceLines',
    description: 'The product that is billed; absent for free lines.',
  })
  product!: Relation<Product> | null;

  @field(integer({ min: 0 }), { default: 0, description: 'Where the line stands on the invoice.' })
  position!: number;

  @field(text(500), { description: 'What is billed, in words.' })
  description!: string;

  @field(decimal(18, 6), { default: '1', description: 'How many units are billed.' })
  quantity!: string;

  @field(decimal(18, 6), { description: 'The price of one unit; negative for a discount.' })
  unitPrice!: string;

  @field(decimal(18, 2), { description: 'What the line adds to the subtotal.' })
  amount!: string;
}
