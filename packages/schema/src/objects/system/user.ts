import type { Relation } from 'typeorm';
import { field, object, text, toMany, toOne } from '../../catalogue/decorators';
import { Account } from '../billing/account';
import { audience, region, signInStatus } from '../enumerations';
import { SystemRecord } from '../system-record';
import { Person } from './person';
import { RoleAssignment } from './role-assignment';
import { SharingMember } from './sharing-member';

@object({
  kind: 'system',
  table: 'app_user',
  plural: 'users',
  description: 'A sign-in of a person.',
  subjectVia: 'person',
  uniques: [['email']],
  authenticated: true,
})
export class User extends SystemRecord {
  @toOne(() => Person, { write: 'create', inverse: 'users', description: 'Whose sign-in it is.' })
  person!: Relation<Person>;

  @field(text(254, '^[^A-Z\\s@]+@[^A-Z\\s@]+$'), {
    tags: ['personal'],
    mask: 'email',
    description: 'The name to sign in with: an e-mail address in lower case.',
  })
  email!: string;

  @field(signInStatus, { default: 'ACTIVE', description: 'Whether the user may sign in.' })
  status!: string;

  @field(audience, { description: 'Whether the user is staff or belongs to a portal of a customer or partner.' })
  audience!: string;

  @toOne(() => Account, { nullable: true, inverse: 'users', description: 'The account that a portal user belongs to.' })
  account!: Relation<Account> | null;

  @field(region, { nullable: true, description: 'The region that the user works in.' })
  region!: string | null;

  @toMany(() => RoleAssignment, 'user', { description: 'Roles given to the user.' })
  roleAssignments!: Relation<RoleAssignment>[];

  @toMany(() => SharingMember, 'user', { description: 'Sharing groups that the user is in.' })
  sharingMemberships!: Relation<SharingMember>[];
}
