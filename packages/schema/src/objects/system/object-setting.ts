import { field, object, text } from '../../catalogue/decorators';
import { sharingMode } from '../enumerations';
import { SystemRecord } from '../system-record';

@object({
  kind: 'system',
  table: 'object_setting',
  plural: 'objectSettings',
  description: 'How the records of an object are shared. An object without a setting is shared by groups only.',
  uniques: [['objectName']],
})
export class ObjectSetting extends SystemRecord {
  @field(text(63, '^[A-Za-z][A-Za-z0-9]{0,62}$'), { write: 'create', description: 'The object.' })
  objectName!: string;

  @field(sharingMode, { description: 'Whether staff about whom no sharing group speaks may see all records.' })
  sharing!: string;
}
