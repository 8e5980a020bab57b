import type { Relation } from 'typeorm';
import { currency, date, decimal, field, json, object, toMany, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { priceModel } from '../enumerations';
import { Package } from './package';
import { Product } from './product';
import { RateClass } from './rate-class';
import { Subscription } from './subscription';

@object({
  kind: 'billing',
  table: 'price',
  plural: 'prices',
  description: 'What a product or package costs in one currency, for a time.',
  uniques: [['externalId']],
})
export class Price extends BillingRecord {
  @toOne(() => Product, {
    nullable: true,
    write: 'create',
    inverse: 'prices',
    description: 'The product that is priced.',
  })
  product!: Relation<Product> | null;

  @toOne(() => Package, {
    nullable: true,
    write: 'create',
    inverse: 'prices',
    description: 'The package that is priced; with a product, the price of that product within the package.',
  })
  package!: Relation<Package> | null;

  @toOne(() => RateClass, {
    nullable: true,
    inverse: 'prices',
    description: 'The kind of usage that the price is for.',
  })
  rateClass!: Relation<RateClass> | null;

  @field(priceModel, { description: 'How the amount is computed.' })
  model!: string;

  @field(currency, { description: 'The currency of the amount and of the tiers.' })
  currency!: string;

  @field(decimal(18, 6, '0'), {
    nullable: true,
    description: 'The amount, or the amount per unit; absent when tiers say it.',
  })
  amount!: string | null;

  @field(json, {
    nullable: true,
    description: 'The steps of a tiered or volume price: a list of {upTo, amount}, the last without upTo.',
  })
  tiers!: unknown;

  @field(date, { description: 'The first day on which the price holds.' })
  effectiveFrom!: string;

  @field(date, { nullable: true, description: 'The last day on which the price holds; absent while it is open.' })
  effectiveTo!: string | null;

  @toMany(() => Subscription, 'price', { description: 'Subscriptions billed at this price.' })
  subscriptions!: Relation<Subscription>[];
}
