import type { Catalogue } from '@countersign/schema';
import { EMERGENCY_GROUP, starterGroups } from '../starter/starter-groups';
import { groupKey, roleKey } from '../starter/starter-policy';
import type { DemoAccount } from './demo-accounts';
import type { DemoSet } from './demo-set';

interface DemoSignIn {
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly region?: 'EMEA';
  readonly portal?: 'partner' | 'customer';
}

/** Everybody who may sign in to a demo. The names are invented, and nobody can own the domain (RFC 2606, section 3). */
export const DEMO_PEOPLE: readonly DemoSignIn[] = [
  { name: 'Fenna Ashcroft', email: 'finance.analyst@example.com', role: 'finance-analyst' },
  { name: 'Emil Saltwick', email: 'emea.support@example.com', role: 'emea-support', region: 'EMEA' },
  { name: 'Perrin Maskell', email: 'pricing.maker@example.com', role: 'pricing-maker' },
  { name: 'Petra Chalkworth', email: 'pricing.checker@example.com', role: 'pricing-checker' },
  { name: 'Florian Dunmere', email: 'finance.director@example.com', role: 'finance-director' },
  { name: 'Signe Adderholt', email: 'security.one@example.com', role: 'security-admin' },
  { name: 'Silas Brackenby', email: 'security.two@example.com', role: 'security-admin' },
  { name: 'Audra Tallgrove', email: 'auditor@example.com', role: 'auditor' },
  { name: 'Amira Oakenfeld', email: 'account.manager@example.com', role: 'account-manager' },
  { name: 'Bela Osterlund', email: 'billing.operator@example.com', role: 'billing-operator' },
  { name: 'Paolo Nettlegard', email: 'partner.portal@example.org', role: 'partner-portal', portal: 'partner' },
  { name: 'Cleo Umberman', email: 'customer.portal@example.org', role: 'customer-portal', portal: 'customer' },
];

export interface DemoStaff {
  readonly persons: ReadonlyMap<string, string>;
  /** Who answers for accounts; the account manager who can sign in is one of them. */
  readonly owners: readonly string[];
}

/** The persons of the demo, those who may sign in and those who only answer for accounts. */
export function addPersons(set: DemoSet, since: string): DemoStaff {
  const persons = new Map<string, string>();
  const add = (fullName: string, email: string, managerId: string | null): string => {
    const ref = set.add('Person', since, { fullName, email, managerId });
    persons.set(email, ref);
    return ref;
  };
  const director = DEMO_PEOPLE.find(({ role }) => role === 'finance-director')!;
  const head = add(director.name, director.email, null);
  for (const { name, email, portal } of DEMO_PEOPLE) {
    if (!persons.has(email)) add(name, email, portal ? null : head);
  }
  const manager = persons.get('account.manager@example.com')!;
  const others = ['Hedda Larchstrom', 'Ivo Pebbleworth', 'Katla Yarrowby', 'Lorcan Sabledahl', 'Milou Tansygard'].map(
    (name) => add(name, `${name.replace(' ', '.').toLowerCase()}@example.com`, manager),
  );
  return { persons, owners: [manager, ...others] };
}

/** A user for everybody who may sign in, with their role. Groups come with the role. */
export function addUsers(set: DemoSet, since: string, { persons }: DemoStaff, accounts: readonly DemoAccount[]): void {
  const own = portalAccounts(accounts);
  for (const { email, role, region, portal } of DEMO_PEOPLE) {
    const userId = set.add('User', since, {
      personId: persons.get(email),
      email,
      region: region ?? null,
      audience: portal ? 'PORTAL' : 'STAFF',
      accountId: portal ? own[portal].ref : null,
    });
    set.add('RoleAssignment', since, { roleId: `@${roleKey(role)}`, userId });
  }
}

/** What one of them may be lent in an emergency; the finance director looks at it afterwards. */
export function addBreakGlass(set: DemoSet, since: string, { persons }: DemoStaff, catalogue: Catalogue): void {
  const group = starterGroups(catalogue).findIndex(({ name }) => name === EMERGENCY_GROUP);
  set.add('BreakGlassEligibility', since, {
    personId: persons.get('account.manager@example.com'),
    roleId: `@${roleKey('billing-emergency')}`,
    groupId: `@${groupKey(group)}`,
    longestMinutes: 60,
    reviewerRoleId: `@${roleKey('finance-director')}`,
    purpose: 'Invoices have gone out wrong, and nobody of billing can be reached.',
  });
}

/** A partner with accounts below its own, and a customer that belongs to nobody. */
function portalAccounts(accounts: readonly DemoAccount[]): { partner: DemoAccount; customer: DemoAccount } {
  const below = (account: DemoAccount) => accounts.filter(({ parent }) => parent === account).length;
  const partner = accounts.find((account) => below(account) === 2 && account.region === 'EMEA');
  const customer = accounts.find((account) => below(account) === 0 && account.segment === 'ENTERPRISE');
  if (!partner || !customer) throw new Error('the demo has no accounts for its portal users');
  return { partner, customer };
}
