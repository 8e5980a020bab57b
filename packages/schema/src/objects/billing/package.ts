import type { Relation } from 'typeorm';
import { field, object, text, toMany } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { offerStatus } from '../enumerations';
import { PackageItem } from './package-item';
import { Price } from './price';
import { Subscription } from './subscription';

@object({
  kind: 'billing',
  table: 'package',
  plural: 'packages',
  description: 'Products that are sold together.',
  uniques: [['externalId']],
})
export class Package extends BillingRecord {
  @field(text(200), { description: 'The name shown to customers.' })
  name!: string;

  @field(text(64), { description: 'The stock-keeping code.' })
  code!: string;

  @field(text(2000), { nullable: true, description: 'What the customer gets.' })
  description!: string | null;

  @field(offerStatus, { default: 'DRAFT', description: 'Whether the package may be sold.' })
  status!: string;

  @toMany(() => PackageItem, 'package', { description: 'The products in the package.' })
  items!: Relation<PackageItem>[];

  @toMany(() => Price, 'package', { description: 'What the package costs.' })
  prices!: Relation<Price>[];

  @toMany(() => Subscription, 'package', { description: 'Subscriptions to the package.' })
  subscriptions!: Relation<Subscription>[];
}
