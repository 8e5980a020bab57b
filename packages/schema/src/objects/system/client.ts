import type { Relation } from 'typeorm';
import { field, object, text, toMany, toOne } from '../../catalogue/decorators';
import { Account } from '../billing/account';
import { audience, signInStatus } from '../enumerations';
import { SystemRecord } from '../system-record';
import { RoleAssignment } from './role-assignment';
import { SharingMember } from './sharing-member';

@object({
  kind: 'system',
  table: 'client',
  plural: 'clients',
  description: 'A program with its own credentials.',
  authenticated: true,
})
export class Client extends SystemRecord {
  @field(text(120), { description: 'What the program is called.' })
  name!: string;

  @field(signInStatus, { default: 'ACTIVE', description: 'Whether the client may obtain tokens.' })
  status!: string;

  @field(audience, { description: 'Whether the client works for staff or for a portal.' })
  audience!: string;

  @toOne(() => Account, { nullable: true, inverse: 'clients', description: 'The account that the client acts for.' })
  account!: Relation<Account> | null;

  @toMany(() => RoleAssignment, 'client', { description: 'Roles given to the client.' })
  roleAssignments!: Relation<RoleAssignment>[];

  @toMany(() => SharingMember, 'client', { description: 'Sharing groups that the client is in.' })
  sharingMemberships!: Relation<SharingMember>[];
}
