import type { Relation } from 'typeorm';
import { field, integer, object, text, toOne } from '../../catalogue/decorators';
import { SystemRecord } from '../system-record';
import { Person } from './person';
import { Role } from './role';
import { SharingGroup } from './sharing-group';

@object({
  kind: 'system',
  table: 'break_glass_eligibility',
  plural: 'breakGlassEligibilities',
  description: 'The rights that a person may take for a short time in an emergency. Never any over system objects.',
  authenticated: true,
})
export class BreakGlassEligibility extends SystemRecord {
  @toOne(() => Person, { write: 'create', inverse: 'breakGlassEligibilities', description: 'Who may take them.' })
  person!: Relation<Person>;

  @toOne(() => Role, {
    write: 'create',
    inverse: 'breakGlassEligibilities',
    description: 'The role that is lent. It reaches billing and custom objects only.',
  })
  role!: Relation<Role>;

  @toOne(() => SharingGroup, {
    nullable: true,
    write: 'create',
    inverse: 'breakGlassEligibilities',
    description: 'The sharing group that the person is in meanwhile, besides those of the role.',
  })
  group!: Relation<SharingGroup> | null;

  @field(integer({ min: 1, max: 480 }), { description: 'The longest that they are lent at a time, in minutes.' })
  longestMinutes!: number;

  @toOne(() => Role, {
    inverse: 'breakGlassReviews',
    description: 'Another holder of this role reviews what was done.',
  })
  reviewerRole!: Relation<Role>;

  @field(text(500), { nullable: true, description: 'Which emergency it is meant for.' })
  purpose!: string | null;
}
