import type { Relation } from 'typeorm';
import { field, object, text, toMany } from '../../catalogue/decorators';
import { groupAccess } from '../enumerations';
import { SystemRecord } from '../system-record';
import { BreakGlassEligibility } from './break-glass-eligibility';
import { SharingCondition } from './sharing-condition';
import { SharingMember } from './sharing-member';

@object({
  kind: 'system',
  table: 'sharing_group',
  plural: 'sharingGroups',
  description: 'People, roles and clients who may touch the records that meet the conditions of the group.',
  uniques: [['name']],
})
export class SharingGroup extends SystemRecord {
  @field(text(120), { description: 'The name of the group.' })
  name!: string;

  @field(text(500), { nullable: true, description: 'What the group is for.' })
  description!: string | null;

  @field(groupAccess, {
    default: 'READ',
    description: 'Whether members may only read the records, or change them as well.',
  })
  access!: string;

  @toMany(() => SharingMember, 'group', { description: 'Who is in the group.' })
  members!: Relation<SharingMember>[];

  @toMany(() => SharingCondition, 'group', { description: 'Which records the group may touch.' })
  conditions!: Relation<SharingCondition>[];

  @toMany(() => BreakGlassEligibility, 'group', { description: 'Who may be put into the group in an emergency.' })
  breakGlassEligibilities!: Relation<BreakGlassEligibility>[];
}
