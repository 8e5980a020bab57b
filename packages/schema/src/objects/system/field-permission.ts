import type { Relation } from 'typeorm';
import { field, object, text, toOne } from '../../catalogue/decorators';
import { effect, permissionFieldAction } from '../enumerations';
import { SystemRecord } from '../system-record';
import { Role } from './role';

@object({
  kind: 'system',
  table: 'field_permission',
  plural: 'fieldPermissions',
  description: 'Allows or denies a role one thing with one field.',
  uniques: [['role', 'objectName', 'fieldName', 'action', 'effect']],
})
export class FieldPermission extends SystemRecord {
  @toOne(() => Role, { write: 'create', inverse: 'fieldPermissions', description: 'The role that is spoken about.' })
  role!: Relation<Role>;

  @field(text(63, '^([*]|[A-Za-z][A-Za-z0-9]{0,62})$'), {
    description: 'The object, or * for every billing and custom object.',
  })
  objectName!: string;

  @field(text(63, '^([*]|[A-Za-z][A-Za-z0-9]{0,62})$'), {
    description: 'The field, or * for every field that is not cardholder data.',
  })
  fieldName!: string;

  @field(permissionFieldAction, { description: 'What is allowed or denied. Seeing clear includes seeing masked.' })
  action!: string;

  @field(effect, { description: 'Whether it is allowed or denied; a denial always wins.' })
  effect!: string;
}
