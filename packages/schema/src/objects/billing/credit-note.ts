import type { Relation } from 'typeorm';
import { currency, date, decimal, field, object, text, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { creditNoteStatus } from '../enumerations';
import { Account } from './account';
import { Invoice } from './invoice';

@object({
  kind: 'billing',
  table: 'credit_note',
  plural: 'creditNotes',
  description: 'Money credited to an account.',
  scopeVia: 'account',
  uniques: [['externalId'], ['account', 'number']],
})
export class CreditNote extends BillingRecord {
  @toOne(() => Account, { write: 'create', inverse: 'creditNotes', description: 'The account that is credited.' })
  account!: Relation<Account>;

  @toOne(() => Invoice, {
    nullable: true,
    write: 'create',
    inverse: 'creditNotes',
    description: 'The invoice that is corrected; absent for goodwill.',
  })
  invoice!: Relation<Invoice> | null;

  @field(text(40), { description: 'The number of the credit note.' })
  number!: string;

  @field(creditNoteStatus, { default: 'DRAFT', description: 'Where the credit note stands.' })
  status!: string;

  @field(currency, { description: 'The currency of the amount.' })
  currency!: string;

  @field(decimal(18, 2, '0'), { description: 'How much is credited.' })
  amount!: string;

  @field(date, { description: 'The date printed on the credit note.' })
  issuedOn!: string;

  @field(text(500), { nullable: true, description: 'Why the credit is granted.' })
  reason!: string | null;
}
