import type { Relation } from 'typeorm';
import { currency, date, decimal, field, object, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { Contract } from './contract';
import { Product } from './product';
import { RateClass } from './rate-class';

@object({
  kind: 'billing',
  table: 'contract_rate',
  plural: 'contractRates',
  description: 'A rate agreed in a contract in place of the list price.',
  scopeVia: 'contract',
  uniques: [['externalId']],
})
export class ContractRate extends BillingRecord {
  @toOne(() => Contract, { write: 'create', inverse: 'rates', description: 'The contract that agrees the rate.' })
  contract!: Relation<Contract>;

  @toOne(() => Product, {
    nullable: true,
    write: 'create',
    inverse: 'contractRates',
    description: 'The product that the rate is for.',
  })
  product!: Relation<Product> | null;

  @toOne(() => RateClass, {
    nullable: true,
    write: 'create',
    inverse: 'contractRates',
    description: 'The kind of usage that the rate is for.',
  })
  rateClass!: Relation<RateClass> | null;

  @field(currency, { description: 'The currency of the amount.' })
  currency!: string;

  @field(decimal(18, 6, '0'), { description: 'The amount per unit.' })
  amount!: string;

  @field(decimal(5, 2, '0'), { nullable: true, description: 'Taken off the amount, in percent.' })
  discountPercent!: string | null;

  @field(date, { description: 'The first day on which the rate holds.' })
  effectiveFrom!: string;

  @field(date, { nullable: true, description: 'The last day on which the rate holds; absent while it is open.' })
  effectiveTo!: string | null;
}
