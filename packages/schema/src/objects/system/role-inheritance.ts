import type { Relation } from 'typeorm';
import { object, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { Role } from './role';

@object({
  kind: 'system',
  table: 'role_inheritance',
  plural: 'roleInheritances',
  description: 'Gives a role all permissions of another.',
  verbs: ['create', 'delete'],
  uniques: [['role', 'inherits']],
})
export class RoleInheritance extends SystemRecord {
  @toOne(() => Role, { write: 'create', inverse: 'inheritances', description: 'The role that gains permissions.' })
  role!: Relation<Role>;

  @toOne(() => Role, { write: 'create', inverse: 'inheritedBy', description: 'The role whose permissions it gains.' })
  inherits!: Relation<Role>;
}
