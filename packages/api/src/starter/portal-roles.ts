import { fields, type StarterRole } from './starter-role';

const INVOICE_FACE = ['account', 'number', 'status', 'currency', 'issuedOn', 'dueOn', 'subtotal', 'tax', 'total'];

/** Roles for the customer's own customers and partners. They see no staff, no notes and no drafts. */
export const portalRoles: readonly StarterRole[] = [
  {
    name: 'customer-portal',
    description: 'A customer who looks at the bills of their own account.',
    clear: {
      Account: ['name', 'number', 'currency', 'status', 'contacts', 'subscriptions', 'invoices', 'payments'],
      Contact: [
        ...fields('account firstName lastName email phone company'),
        ...fields('street city state postalCode country'),
      ],
      Subscription: ['account', 'product', 'package', 'status', 'quantity', 'billingPeriod', 'startsOn', 'endsOn'],
      Invoice: [...INVOICE_FACE, 'lines', 'payments'],
      InvoiceLine: ['invoice', 'product', 'position', 'description', 'quantity', 'unitPrice', 'amount'],
      Payment: ['account', 'invoice', 'status', 'currency', 'amount', 'receivedOn', 'reference'],
      Product: ['name', 'code', 'description', 'unit'],
      Package: ['name', 'code', 'description'],
    },
  },
  {
    name: 'partner-portal',
    description: 'A partner who looks at the invoices of their own account and of the accounts below it.',
    clear: {
      Account: ['name', 'number', 'currency', 'status', 'parent', 'children', 'invoices'],
      Invoice: INVOICE_FACE,
    },
  },
];
