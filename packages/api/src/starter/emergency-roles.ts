import { RECORD_FIELDS } from './starter-objects';
import { onEach, type StarterRole } from './starter-role';

/**
 * Roles that nobody holds and break-glass lends. They inherit nothing: what can be lent allows nothing about system
 * objects, not even the names of colleagues, which whoever takes them knows by a role of their own.
 */
export const emergencyRoles: readonly StarterRole[] = [
  {
    name: 'billing-emergency',
    description: 'Held by nobody: lent by break-glass to put invoices right when there is no time.',
    clear: {
      Account: ['name', 'number', 'region', 'status', 'invoices', ...RECORD_FIELDS],
      ...onEach(['Invoice', 'InvoiceLine', 'Payment'], '*'),
    },
    change: { Invoice: ['status', 'dueOn', 'notes'] },
    may: { Invoice: ['UPDATE'] },
  },
];
