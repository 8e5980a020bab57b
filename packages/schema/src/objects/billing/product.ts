import type { Relation } from 'typeorm';
import { field, object, text, toMany } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { offerStatus } from '../enumerations';
import { ContractRate } from './contract-rate';
import { InvoiceLine } from './invoice-line';
import { PackageItem } from './package-item';
import { Price } from './price';
import { Subscription } from './subscription';

@object({
  kind: 'billing',
  table: 'product',
  plural: 'products',
  description: 'A single thing that can be sold.',
  uniques: [['externalId']],
})
export class Product extends BillingRecord {
  @field(text(200), { description: 'The name shown to customers.' })
  name!: string;

  @field(text(64), { description: 'The stock-keeping code.' })
  code!: string;

  @field(text(2000), { nullable: true, description: 'What the customer gets.' })
  description!: string | null;

  @field(text(40), { nullable: true, description: 'What one piece is measured in, such as seat or gigabyte.' })
  unit!: string | null;

  @field(offerStatus, { default: 'DRAFT', description: 'Whether the product may be sold.' })
  status!: string;

  @toMany(() => Price, 'product', { description: 'What the product costs.' })
  prices!: Relation<Price>[];

  @toMany(() => PackageItem, 'product', { description: 'Packages that contain the product.' })
  packageItems!: Relation<PackageItem>[];

  @toMany(() => ContractRate, 'product', { description: 'Rates agreed for the product.' })
  contractRates!: Relation<ContractRate>[];

  @toMany(() => Subscription, 'product', { description: 'Subscriptions to the product.' })
  subscriptions!: Relation<Subscription>[];

  @toMany(() => InvoiceLine, 'product', { description: 'Invoice lines that bill the product.' })
  invoiceLines!: Relation<InvoiceLine>[];
}
