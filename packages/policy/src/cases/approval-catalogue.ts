import { type Catalogue, createCatalogue } from '@countersign/schema';
import { field, object, toMany, toOne } from './case-catalogue';

/** A catalogue with prices to approve and people to ask, for the proofs about approvals. */
export function approvalCatalogue(): Catalogue {
  return createCatalogue([
    object('Person', 'system', [field('fullName'), toOne('manager', 'Person')]),
    object('User', 'system', [field('email'), toOne('person', 'Person')]),
    object('Account', 'billing', [
      field('name'),
      field('region', { type: { kind: 'enum', name: 'Region', values: ['EMEA', 'APAC'] } }),
      field('creditLimit', { type: { kind: 'decimal', precision: 14, scale: 2 } }),
      toOne('owner', 'Person'),
      toOne('seller', 'User'),
      toMany('prices', 'Price', 'account'),
    ]),
    object('Price', 'billing', [
      field('amount', { type: { kind: 'decimal', precision: 14, scale: 2 } }),
      field('units', { type: { kind: 'integer' } }),
      field('currency'),
      field('validFrom', { type: { kind: 'date' } }),
      field('signedAt', { type: { kind: 'timestamp' } }),
      field('terms', { type: { kind: 'json' } }),
      field('source', { write: 'never' }),
      toOne('account', 'Account'),
    ]),
    object('Rate', 'billing', [
      field('amount', { type: { kind: 'decimal', precision: 18, scale: 4 } }),
      field('units', { type: { kind: 'integer' } }),
      toOne('account', 'Account'),
      toOne('approver', 'Person'),
    ]),
  ]);
}
