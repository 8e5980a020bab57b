import type { Relation } from 'typeorm';
import {
  boolean,
  currency,
  date,
  decimal,
  field,
  integer,
  object,
  text,
  toMany,
  toOne,
} from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { contractStatus } from '../enumerations';
import { Account } from './account';
import { ContractRate } from './contract-rate';
import { Invoice } from './invoice';
import { Subscription } from './subscription';

@object({
  kind: 'billing',
  table: 'contract',
  plural: 'contracts',
  description: 'What was agreed with an account.',
  scopeVia: 'account',
  uniques: [['externalId'], ['account', 'number']],
})
export class Contract extends BillingRecord {
  @toOne(() => Account, {
    write: 'create',
    inverse: 'contracts',
    description: 'The account that the contract is with.',
  })
  account!: Relation<Account>;

  @field(text(40), { description: 'The contract number.' })
  number!: string;

  @field(text(200), { nullable: true, description: 'What the contract is about.' })
  name!: string | null;

  @field(contractStatus, { default: 'DRAFT', description: 'Where the contract stands.' })
  status!: string;

  @field(currency, { description: 'The currency of the contract.' })
  currency!: string;

  @field(decimal(18, 2, '0'), {
    nullable: true,
    tags: ['confidential'],
    description: 'What the account has committed to spend over the term, in the currency of the contract.',
  })
  committedAmount!: string | null;

  @field(integer({ min: 0, max: 365 }), {
    default: 30,
    description: 'Days between the issue of an invoice and its due date.',
  })
  paymentTermDays!: number;

  @field(boolean, { default: false, description: 'Whether the contract renews itself at its end.' })
  autoRenew!: boolean;

  @field(date, { nullable: true, description: 'The day on which both sides had signed.' })
  signedOn!: string | null;

  @field(date, { description: 'The first day of the term.' })
  startsOn!: string;

  @field(date, { nullable: true, description: 'The last day of the term; absent when it is open.' })
  endsOn!: string | null;

  @toMany(() => ContractRate, 'contract', { description: 'Rates that replace the list prices.' })
  rates!: Relation<ContractRate>[];

  @toMany(() => Subscription, 'contract', { description: 'Subscriptions under the contract.' })
  subscriptions!: Relation<Subscription>[];

  @toMany(() => Invoice, 'contract', { description: 'Invoices under the contract.' })
  invoices!: Relation<Invoice>[];
}
