import type { Catalogue } from '@countersign/schema';

/** What is sold and at which price. */
export const PRICE_BOOK = ['Product', 'Package', 'PackageItem', 'RateClass', 'Price', 'ContractRate'] as const;

/** Every object that came with the gateway and holds billing data. */
export const BILLING = [
  'Account',
  'Contact',
  'PaymentMethod',
  'Contract',
  'Subscription',
  'UsageRecord',
  'Invoice',
  'InvoiceLine',
  'Payment',
  'CreditNote',
  ...PRICE_BOOK,
] as const;

/** What every record has and most people may know. */
export const RECORD_FIELDS = ['version', 'createdAt', 'updatedAt'] as const;

/** Persons, users, roles, permissions, groups, the audit log: everything that is configuration. */
export function systemObjects(catalogue: Catalogue): string[] {
  return [...catalogue.objects.values()].filter(({ kind }) => kind === 'system').map(({ name }) => name);
}
