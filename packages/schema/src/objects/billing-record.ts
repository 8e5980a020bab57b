import { field, text } from '../catalogue/decorators';
import { SystemRecord } from './system-record';

/** What every billing record has besides: the id by which imports and files refer to it. */
export abstract class BillingRecord extends SystemRecord {
  @field(text(120), { nullable: true, description: 'The id of this record in another system; unique among its kind.' })
  externalId!: string | null;
}
