import type { Relation } from 'typeorm';
import { object, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { Client } from './client';
import { Role } from './role';
import { SharingGroup } from './sharing-group';
import { User } from './user';

@object({
  kind: 'system',
  table: 'sharing_member',
  plural: 'sharingMembers',
  description: 'Puts one user, one client or all holders of a role into a sharing group.',
  verbs: ['create', 'delete'],
  uniques: [
    ['group', 'user'],
    ['group', 'role'],
    ['group', 'client'],
  ],
  authenticated: true,
})
export class SharingMember extends SystemRecord {
  @toOne(() => SharingGroup, { write: 'create', inverse: 'members', description: 'The group.' })
  group!: Relation<SharingGroup>;

  @toOne(() => User, {
    nullable: true,
    write: 'create',
    inverse: 'sharingMemberships',
    description: 'The user who is in the group.',
  })
  user!: Relation<User> | null;

  @toOne(() => Role, {
    nullable: true,
    write: 'create',
    inverse: 'sharingMemberships',
    description: 'The role whose holders are in the group.',
  })
  role!: Relation<Role> | null;

  @toOne(() => Client, {
    nullable: true,
    write: 'create',
    inverse: 'sharingMemberships',
    description: 'The client that is in the group.',
  })
  client!: Relation<Client> | null;
}
