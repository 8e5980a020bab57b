import type { Relation } from 'typeorm';
import { field, object, text, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { Account } from './account';

@object({
  kind: 'billing',
  table: 'contact',
  plural: 'contacts',
  description: 'A person to write to about an account.',
  scopeVia: 'account',
  subjectVia: 'id',
  uniques: [['externalId']],
})
export class Contact extends BillingRecord {
  @toOne(() => Account, {
    write: 'create',
    inverse: 'contacts',
    description: 'The account that the contact speaks for.',
  })
  account!: Relation<Account>;

  @field(text(100), { tags: ['personal'], mask: 'initial', description: 'Given name.' })
  firstName!: string;

  @field(text(100), { tags: ['personal'], mask: 'initial', description: 'Family name.' })
  lastName!: string;

  @field(text(254), { nullable: true, tags: ['personal'], mask: 'email', description: 'E-mail address.' })
  email!: string | null;

  @field(text(40), { nullable: true, tags: ['personal'], mask: 'last4', description: 'Telephone number.' })
  phone!: string | null;

  @field(text(200), {
    nullable: true,
    description: 'The organisation the contact works for, where it is not the account.',
  })
  company!: string | null;

  @field(text(200), { nullable: true, tags: ['personal'], description: 'Street and house number.' })
  street!: string | null;

  @field(text(100), { nullable: true, tags: ['personal'], description: 'Town or city.' })
  city!: string | null;

  @field(text(100), { nullable: true, tags: ['personal'], description: 'State, province or county.' })
  state!: string | null;

  @field(text(20), { nullable: true, tags: ['personal'], description: 'Postal code.' })
  postalCode!: string | null;

  @field(text(2, '^[A-Z]{2}$'), {
    nullable: true,
    tags: ['personal'],
    description: 'Country, as an ISO 3166-1 alpha-2 code.',
  })
  country!: string | null;
}
