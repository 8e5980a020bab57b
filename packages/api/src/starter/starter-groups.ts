import type { Catalogue } from '@countersign/schema';
import { systemObjects } from './starter-objects';

/** A sharing group whose members are the holders of roles: whoever is given the role is in the group at once. */
export interface StarterGroup {
  readonly name: string;
  readonly description: string;
  readonly access: 'READ' | 'READ_WRITE';
  readonly roles: readonly string[];
  readonly conditions: readonly { readonly object: string; readonly condition: unknown }[];
}

/** Neither drafts of invoices nor what is not on sale yet leaves the house. */
const PORTAL_CONDITIONS = [
  { object: 'Invoice', condition: { status: { ne: 'DRAFT' } } },
  { object: 'Product', condition: { status: { ne: 'DRAFT' } } },
  { object: 'Package', condition: { status: { ne: 'DRAFT' } } },
];

/** Entries that say what somebody did, not what stood in a record. */
const DEEDS = ['SIGN_IN', 'SIGN_IN_FAILED', 'READ', 'DENIED', 'PUBLISH', 'SYSTEM'];

/** The group that break-glass lends. */
export const EMERGENCY_GROUP = 'Billing emergency';

/** The row scopes that a new installation begins with; contacts, invoices and the like follow their account. */
export function starterGroups(catalogue: Catalogue): StarterGroup[] {
  return [
    {
      name: 'EMEA support',
      description: 'The accounts of the region EMEA.',
      access: 'READ_WRITE',
      roles: ['emea-support'],
      conditions: [{ object: 'Account', condition: { region: { eq: 'EMEA' } } }],
    },
    {
      name: 'Own accounts',
      description: 'The accounts that a member of staff answers for.',
      access: 'READ',
      roles: ['account-manager'],
      conditions: [{ object: 'Account', condition: { owner: { id: { eq: '$principal.personId' } } } }],
    },
    {
      name: EMERGENCY_GROUP,
      description: 'All accounts. Nobody is in it; break-glass puts people into it for a short time.',
      access: 'READ_WRITE',
      roles: [],
      conditions: [{ object: 'Account', condition: {} }],
    },
    {
      name: 'Own account',
      description: 'The one account that a portal user belongs to.',
      access: 'READ',
      roles: ['customer-portal'],
      conditions: [{ object: 'Account', condition: { id: { eq: '$principal.accountId' } } }, ...PORTAL_CONDITIONS],
    },
    {
      name: 'Partner accounts',
      description: 'The account of a partner and the accounts that belong to it.',
      access: 'READ',
      roles: ['partner-portal'],
      conditions: [
        {
          object: 'Account',
          condition: {
            or: [{ id: { eq: '$principal.accountId' } }, { parent: { id: { eq: '$principal.accountId' } } }],
          },
        },
        ...PORTAL_CONDITIONS,
      ],
    },
    {
      name: 'History of the configuration',
      description: 'Traces of the configuration and of who did what. Old and new values of billing data are left out.',
      access: 'READ',
      roles: ['security-admin'],
      conditions: [
        {
          object: 'AuditEntry',
          condition: {
            or: [
              { objectName: { isNull: true } },
              { objectName: { in: systemObjects(catalogue) } },
              { action: { in: DEEDS } },
            ],
          },
        },
      ],
    },
    {
      name: 'Whole history',
      description: 'Every trace. Groups add up, so an auditor who is a security admin as well still sees all.',
      access: 'READ',
      roles: ['auditor'],
      conditions: [{ object: 'AuditEntry', condition: {} }],
    },
  ];
}
