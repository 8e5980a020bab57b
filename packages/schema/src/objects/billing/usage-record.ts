import type { Relation } from 'typeorm';
import { decimal, field, object, text, timestamp, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { RateClass } from './rate-class';
import { Subscription } from './subscription';

@object({
  kind: 'billing',
  table: 'usage_record',
  plural: 'usageRecords',
  description: 'A measured piece of usage.',
  scopeVia: 'subscription',
  uniques: [['externalId']],
})
export class UsageRecord extends BillingRecord {
  @toOne(() => Subscription, {
    write: 'create',
    inverse: 'usageRecords',
    description: 'The subscription that was used.',
  })
  subscription!: Relation<Subscription>;

  @toOne(() => RateClass, {
    nullable: true,
    inverse: 'usageRecords',
    description: 'The kind of usage, by which it is charged.',
  })
  rateClass!: Relation<RateClass> | null;

  @field(decimal(18, 6), { description: 'How much was used; negative when a correction takes usage back.' })
  quantity!: string;

  @field(timestamp, { write: 'create', description: 'When it was used.' })
  usedAt!: Date;

  @field(text(120), { nullable: true, description: 'The meter or system that measured it.' })
  source!: string | null;

  @field(text(500), { nullable: true, description: 'What was used, in words.' })
  description!: string | null;
}
