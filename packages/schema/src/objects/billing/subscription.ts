import type { Relation } from 'typeorm';
import { date, decimal, field, object, toMany, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { billingPeriod, subscriptionStatus } from '../enumerations';
import { Account } from './account';
import { Contract } from './contract';
import { Package } from './package';
import { Price } from './price';
import { Product } from './product';
import { UsageRecord } from './usage-record';

@object({
  kind: 'billing',
  table: 'subscription',
  plural: 'subscriptions',
  description: 'What an account receives and pays for, period after period.',
  scopeVia: 'account',
  uniques: [['externalId']],
})
export class Subscription extends BillingRecord {
  @toOne(() => Account, { write: 'create', inverse: 'subscriptions', description: 'The account that is subscribed.' })
  account!: Relation<Account>;

  @toOne(() => Contract, {
    nullable: true,
    inverse: 'subscriptions',
    description: 'The contract that the subscription falls under.',
  })
  contract!: Relation<Contract> | null;

  @toOne(() => Product, {
    nullable: true,
    write: 'create',
    inverse: 'subscriptions',
    description: 'The product subscribed to.',
  })
  product!: Relation<Product> | null;

  @toOne(() => Package, {
    nullable: true,
    write: 'create',
    inverse: 'subscriptions',
    description: 'The package subscribed to.',
  })
  package!: Relation<Package> | null;

  @toOne(() => Price, {
    nullable: true,
    inverse: 'subscriptions',
    description: 'The price it is billed at; absent when the current list price holds.',
  })
  price!: Relation<Price> | null;

  @field(subscriptionStatus, { default: 'ACTIVE', description: 'Whether the subscription runs.' })
  status!: string;

  @field(decimal(18, 6, '0'), { default: '1', description: 'How many units are subscribed to.' })
  quantity!: string;

  @field(billingPeriod, { default: 'MONTH', description: 'How often the subscription is billed.' })
  billingPeriod!: string;

  @field(date, { description: 'The first day of the subscription.' })
  startsOn!: string;

  @field(date, { nullable: true, description: 'The last day of the subscription; absent while it is open.' })
  endsOn!: string | null;

  @toMany(() => UsageRecord, 'subscription', { description: 'Usage measured under the subscription.' })
  usageRecords!: Relation<UsageRecord>[];
}
