import type { Catalogue } from '@countersign/schema';
import { BILLING, PRICE_BOOK, RECORD_FIELDS, systemObjects } from './starter-objects';
import { fields, onEach, type StarterAction, type StarterRole } from './starter-role';

const CONTRACT_TERMS = ['account', 'number', 'name', 'status', 'currency', 'startsOn', 'endsOn', 'rates'];
const CREDIT_NOTE_FIELDS = [
  'account',
  'invoice',
  'number',
  'status',
  'currency',
  'amount',
  'issuedOn',
  'reason',
  'externalId',
];

/** Roles for the people who work at the customer, least rights first. */
export function staffRoles(catalogue: Catalogue): StarterRole[] {
  return [...billingRoles, ...oversightRoles(catalogue)];
}

const billingRoles: readonly StarterRole[] = [
  {
    name: 'staff',
    description: 'What every member of staff may know: the names of colleagues, and that a change is waiting.',
    clear: {
      Person: ['fullName', ...RECORD_FIELDS],
      PendingChange: ['status', 'objectName', ...RECORD_FIELDS],
    },
  },
  {
    name: 'finance-analyst',
    description: 'Reads all billing data but card numbers, and changes nothing.',
    inherits: ['staff'],
    clear: onEach(BILLING, '*'),
  },
  {
    name: 'finance-director',
    description: 'Sets credit limits, writes credit notes, and agrees to what others ask for.',
    inherits: ['finance-analyst'],
    change: { Account: ['creditLimit'], CreditNote: CREDIT_NOTE_FIELDS },
    may: {
      Account: ['UPDATE', 'APPROVE'],
      CreditNote: ['CREATE', 'UPDATE', 'APPROVE'],
      ...onEach(['Contract', 'Invoice', 'Payment', 'Subscription', ...PRICE_BOOK], ['APPROVE'] as const),
    },
  },
  {
    name: 'billing-operator',
    description: 'Enters and imports billing data, and the persons who answer for accounts.',
    inherits: ['staff'],
    clear: { ...onEach(BILLING, '*'), Person: ['email', 'manager', 'reports', 'ownedAccounts'] },
    masked: { PaymentMethod: ['holder', 'number'] },
    change: { ...onEach(BILLING, '*'), PaymentMethod: 'each', Person: ['fullName', 'email', 'manager'] },
    may: onEach([...BILLING, 'Person'], ['CREATE', 'UPDATE'] as const),
  },
  {
    name: 'emea-support',
    description: 'Answers the accounts of its region: sees invoices, writes notes, corrects contacts, knows no tax id.',
    inherits: ['staff'],
    clear: {
      Account: [
        ...fields('name number parent children region segment currency owner status externalId'),
        ...fields('contacts paymentMethods subscriptions invoices payments'),
      ],
      Contact: ['account', 'firstName', 'lastName', 'company', 'externalId', ...RECORD_FIELDS],
      Invoice: '*',
      InvoiceLine: '*',
      Payment: '*',
      Subscription: '*',
      PaymentMethod: ['account', 'brand', 'lastFour', 'expiryMonth', 'expiryYear', 'preferred', 'payments'],
      Product: '*',
      Package: '*',
    },
    masked: { Contact: ['email', 'phone'], PaymentMethod: ['holder', 'number'] },
    change: { Contact: ['email', 'phone'], Invoice: ['notes'] },
    may: onEach(['Contact', 'Invoice'], ['UPDATE'] as const),
  },
  {
    name: 'account-manager',
    description: 'Sees the accounts that they answer for, and nobody else’s.',
    inherits: ['staff'],
    clear: {
      ...onEach(['Contact', 'Contract', 'ContractRate', 'Subscription', 'UsageRecord', 'Invoice', 'InvoiceLine'], '*'),
      ...onEach(['Payment', 'CreditNote', ...PRICE_BOOK], '*'),
      Account: [
        ...fields('name number parent children region segment currency owner status creditLimit'),
        ...fields('contacts contracts subscriptions invoices payments creditNotes externalId'),
      ],
    },
  },
  {
    name: 'pricing-reader',
    description: 'Reads the price book and the rates agreed in contracts.',
    inherits: ['staff'],
    clear: {
      ...onEach(PRICE_BOOK, '*'),
      Contract: [...CONTRACT_TERMS, ...RECORD_FIELDS],
      Account: ['name', 'number', 'region', 'segment', 'currency', 'status', 'contracts'],
    },
  },
  {
    name: 'pricing-maker',
    description: 'Writes the price book and the rates agreed in contracts.',
    inherits: ['pricing-reader'],
    change: onEach(PRICE_BOOK, '*'),
    may: onEach(PRICE_BOOK, ['CREATE', 'UPDATE'] as const),
  },
  {
    name: 'pricing-checker',
    description: 'Agrees to changes of the price book, sees what is billed by it, and writes none.',
    inherits: ['pricing-reader'],
    clear: {
      Subscription: [
        ...fields('account contract product package price status quantity'),
        ...fields('billingPeriod startsOn endsOn'),
      ],
      UsageRecord: ['subscription', 'rateClass', 'quantity', 'usedAt'],
    },
    may: onEach(PRICE_BOOK, ['APPROVE'] as const),
  },
];

function oversightRoles(catalogue: Catalogue): StarterRole[] {
  const system = systemObjects(catalogue);
  const verbs = (object: string): StarterAction[] => {
    const own = (catalogue.objects.get(object)?.verbs ?? []).map((verb) => verb.toUpperCase() as StarterAction);
    return own.length > 0 ? [...own, 'APPROVE'] : own;
  };
  const kept = system.filter((object) => verbs(object).length > 0);
  return [
    {
      name: 'security-admin',
      description: 'Keeps people, roles, permissions and groups, and reads the audit log. Sees no billing data.',
      inherits: ['staff'],
      // The name of an account, and no more: a portal user belongs to one.
      clear: { ...onEach(system, 'each'), Account: ['name', 'number'] },
      change: onEach(kept, 'each'),
      may: Object.fromEntries(kept.map((object) => [object, verbs(object)])),
    },
    {
      name: 'auditor',
      description:
        'Reads everything but card numbers, the audit log with its old and new values too, and changes nothing.',
      inherits: ['staff'],
      clear: { ...onEach(BILLING, '*'), ...onEach(system, 'each') },
    },
  ];
}
