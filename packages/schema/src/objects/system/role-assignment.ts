import type { Relation } from 'typeorm';
import { field, object, timestamp, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { Client } from './client';
import { Role } from './role';
import { User } from './user';

@object({
  kind: 'system',
  table: 'role_assignment',
  plural: 'roleAssignments',
  description: 'Gives a role to one user or one client, for good or for a time.',
  authenticated: true,
})
export class RoleAssignment extends SystemRecord {
  @toOne(() => Role, { write: 'create', inverse: 'assignments', description: 'The role that is given.' })
  role!: Relation<Role>;

  @toOne(() => User, {
    nullable: true,
    write: 'create',
    inverse: 'roleAssignments',
    description: 'The user who holds the role.',
  })
  user!: Relation<User> | null;

  @toOne(() => Client, {
    nullable: true,
    write: 'create',
    inverse: 'roleAssignments',
    description: 'The client that holds the role.',
  })
  client!: Relation<Client> | null;

  @field(timestamp, { nullable: true, description: 'When the role begins to count; absent when it counts at once.' })
  validFrom!: Date | null;

  @field(timestamp, {
    nullable: true,
    description: 'When the role ceases to count; absent when it counts until removed.',
  })
  validUntil!: Date | null;
}
