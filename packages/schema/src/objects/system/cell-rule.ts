import type { Relation } from 'typeorm';
import { field, json, object, text, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { Role } from './role';

@object({
  kind: 'system',
  table: 'cell_rule',
  plural: 'cellRules',
  description:
    'Shows a field to holders of a role only in the records that meet a condition; elsewhere it is null. Gives nothing.',
})
export class CellRule extends SystemRecord {
  @toOne(() => Role, { write: 'create', inverse: 'cellRules', description: 'The role whose holders it limits.' })
  role!: Relation<Role>;

  @field(text(63, '^[A-Za-z][A-Za-z0-9]{0,62}$'), { write: 'create', description: 'The object.' })
  objectName!: string;

  @field(text(63, '^[A-Za-z][A-Za-z0-9]{0,62}$'), {
    write: 'create',
    description: 'The field, or a relation to one record. Never id or version.',
  })
  fieldName!: string;

  @field(json, { description: 'Where the field is shown: written like a where argument of that object.' })
  condition!: unknown;
}
