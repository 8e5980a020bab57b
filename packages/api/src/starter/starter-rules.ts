import type { Catalogue } from '@countersign/schema';
import { PRICE_BOOK } from './starter-objects';

/** One demand of a starter rule; the approver is a role. */
interface StarterLevel {
  readonly level: number;
  readonly role: string;
  readonly quorum?: number;
}

export interface StarterRule {
  readonly name: string;
  readonly description: string;
  readonly objects: readonly string[];
  readonly trigger?: unknown;
  readonly windowHours?: number;
  readonly levels: readonly StarterLevel[];
}

/** Everything that says who may do what, the approval rules themselves among it. */
const RIGHTS = [
  'Role',
  'RoleInheritance',
  'RoleAssignment',
  'FieldPermission',
  'ObjectPermission',
  'ObjectSetting',
  'CellRule',
  'SharingGroup',
  'SharingMember',
  'SharingCondition',
  'ApprovalRule',
  'ApprovalLevel',
  'ApprovalDelegation',
  'BreakGlassEligibility',
];

/**
 * The approval rules that a new installation begins with. They hold nothing before there are two security admins: until
 * then there is nobody who could agree.
 */
export function starterRules(catalogue: Catalogue): StarterRule[] {
  return [
    {
      name: 'Price book',
      description:
        'Products, packages, prices, rate classes and contract rates change with the agreement of a second person.',
      objects: PRICE_BOOK,
      levels: [{ level: 1, role: 'pricing-checker' }],
    },
    {
      name: 'Large price changes',
      description:
        'More than 20 % within a week, in one step or in several, and another way to charge, take the finance director too.',
      objects: ['Price'],
      trigger: { or: [{ percentChange: { amount: { gt: '20' } } }, { changed: ['model', 'currency', 'tiers'] }] },
      windowHours: 168,
      levels: [{ level: 1, role: 'finance-director' }],
    },
    {
      name: 'Large rate changes',
      description: 'The same for rates agreed in contracts. A discount of more than 20 % is as good as a lower rate.',
      objects: ['ContractRate'],
      trigger: {
        or: [
          { percentChange: { amount: { gt: '20' } } },
          { changed: ['currency'] },
          {
            changed: ['discountPercent'],
            or: [{ before: { discountPercent: { gt: '20' } } }, { after: { discountPercent: { gt: '20' } } }],
          },
        ],
      },
      windowHours: 168,
      levels: [{ level: 1, role: 'finance-director' }],
    },
    {
      name: 'Rights',
      description:
        'Roles, permissions, groups, assignments, approval rules and break-glass change with a second security admin.',
      objects: RIGHTS.filter((name) => catalogue.objects.has(name)),
      levels: [{ level: 1, role: 'security-admin' }],
    },
  ];
}
