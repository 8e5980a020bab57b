import type { Relation } from 'typeorm';
import { field, object, text, toMany } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { ContractRate } from './contract-rate';
import { Price } from './price';
import { UsageRecord } from './usage-record';

@object({
  kind: 'billing',
  table: 'rate_class',
  plural: 'rateClasses',
  description: 'A kind of usage that is charged alike, such as calls abroad.',
  uniques: [['externalId']],
})
export class RateClass extends BillingRecord {
  @field(text(200), { description: 'The name of the class.' })
  name!: string;

  @field(text(2000), { nullable: true, description: 'Which usage belongs to the class.' })
  description!: string | null;

  @field(text(40), { description: 'What usage of the class is measured in, such as minute.' })
  unit!: string;

  @toMany(() => Price, 'rateClass', { description: 'List prices of the class.' })
  prices!: Relation<Price>[];

  @toMany(() => ContractRate, 'rateClass', { description: 'Rates agreed for the class.' })
  contractRates!: Relation<ContractRate>[];

  @toMany(() => UsageRecord, 'rateClass', { description: 'Usage of the class.' })
  usageRecords!: Relation<UsageRecord>[];
}
