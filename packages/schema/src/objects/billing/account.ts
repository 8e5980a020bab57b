import type { Relation } from 'typeorm';
import { currency, decimal, field, object, text, toMany, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { accountStatus, region, segment } from '../enumerations';
import { Client } from '../system/client';
import { Person } from '../system/person';
import { User } from '../system/user';
import { Contact } from './contact';
import { Contract } from './contract';
import { CreditNote } from './credit-note';
import { Invoice } from './invoice';
import { Payment } from './payment';
import { PaymentMethod } from './payment-method';
import { Subscription } from './subscription';

@object({
  kind: 'billing',
  table: 'account',
  plural: 'accounts',
  description: 'A customer organisation or person who is billed.',
  uniques: [['externalId']],
})
export class Account extends BillingRecord {
  @field(text(200), { description: 'The name under which the account is known and billed.' })
  name!: string;

  @field(text(40), { nullable: true, description: 'The account number printed on invoices.' })
  number!: string | null;

  @toOne(() => Account, {
    nullable: true,
    inverse: 'children',
    description: 'The account that this one belongs to, in a group of companies.',
  })
  parent!: Relation<Account> | null;

  @toMany(() => Account, 'parent', { description: 'Accounts that belong to this one.' })
  children!: Relation<Account>[];

  @field(region, { description: 'The sales region that looks after the account.' })
  region!: string;

  @field(segment, { description: 'The market segment of the account.' })
  segment!: string;

  @field(currency, { description: 'The currency in which the account is billed unless a contract says otherwise.' })
  currency!: string;

  @toOne(() => Person, {
    nullable: true,
    inverse: 'ownedAccounts',
    description: 'The member of staff who answers for the account.',
  })
  owner!: Relation<Person> | null;

  @field(decimal(18, 2, '0'), {
    nullable: true,
    tags: ['confidential'],
    description: 'How much may be outstanding, in the currency of the account.',
  })
  creditLimit!: string | null;

  @field(text(40), {
    nullable: true,
    tags: ['confidential'],
    mask: 'last4',
    description: 'The tax identification number of the account.',
  })
  taxId!: string | null;

  @field(accountStatus, { default: 'ACTIVE', description: 'Whether the account is served.' })
  status!: string;

  @toMany(() => Contact, 'account', { description: 'People to write to about the account.' })
  contacts!: Relation<Contact>[];

  @toMany(() => PaymentMethod, 'account', { description: 'Cards that the account pays with.' })
  paymentMethods!: Relation<PaymentMethod>[];

  @toMany(() => Contract, 'account', { description: 'Contracts agreed with the account.' })
  contracts!: Relation<Contract>[];

  @toMany(() => Subscription, 'account', { description: 'What the account is subscribed to.' })
  subscriptions!: Relation<Subscription>[];

  @toMany(() => Invoice, 'account', { description: 'Invoices sent to the account.' })
  invoices!: Relation<Invoice>[];

  @toMany(() => Payment, 'account', { description: 'Payments received from the account.' })
  payments!: Relation<Payment>[];

  @toMany(() => CreditNote, 'account', { description: 'Credits granted to the account.' })
  creditNotes!: Relation<CreditNote>[];

  @toMany(() => User, 'account', { description: 'Portal users who sign in for the account.' })
  users!: Relation<User>[];

  @toMany(() => Client, 'account', { description: 'Programs that act for the account.' })
  clients!: Relation<Client>[];
}
