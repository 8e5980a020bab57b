import type { Relation } from 'typeorm';
import { field, json, object, text, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { SharingGroup } from './sharing-group';

@object({
  kind: 'system',
  table: 'sharing_condition',
  plural: 'sharingConditions',
  description: 'Which records of one object a sharing group may touch. Several conditions on an object must all hold.',
})
export class SharingCondition extends SystemRecord {
  @toOne(() => SharingGroup, { write: 'create', inverse: 'conditions', description: 'The group.' })
  group!: Relation<SharingGroup>;

  @field(text(63, '^[A-Za-z][A-Za-z0-9]{0,62}$'), { write: 'create', description: 'The object.' })
  objectName!: string;

  @field(json, { description: 'The condition, written like a where argument of that object.' })
  condition!: unknown;
}
