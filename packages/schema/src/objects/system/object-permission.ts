import type { Relation } from 'typeorm';
import { field, object, text, toOne } from '../../catalogue/decorators';
import { effect, objectActionName } from '../enumerations';
import { SystemRecord } from '../system-record';
import { Role } from './role';

@object({
  kind: 'system',
  table: 'object_permission',
  plural: 'objectPermissions',
  description: 'Allows or denies a role one action on whole records.',
  uniques: [['role', 'objectName', 'action', 'effect']],
})
export class ObjectPermission extends SystemRecord {
  @toOne(() => Role, { write: 'create', inverse: 'objectPermissions', description: 'The role that is spoken about.' })
  role!: Relation<Role>;

  @field(text(63, '^([*]|[A-Za-z][A-Za-z0-9]{0,62})$'), {
    description: 'The object, or * for every billing and custom object.',
  })
  objectName!: string;

  @field(objectActionName, { description: 'What is allowed or denied.' })
  action!: string;

  @field(effect, { description: 'Whether it is allowed or denied; a denial always wins.' })
  effect!: string;
}
