import { create, type World } from './world';

/** Who works here, and what they may do; ids by name. */
export interface People {
  /** Holds `clerk`: accounts, invoices and their like, in EMEA only; may see but not change `Account.creditLimit`. */
  readonly clerk: string;
  /** Holds `security`: configuration and people. */
  readonly admin: string;
  readonly adminPerson: string;
  /** A second sign-in of the same person as `admin`, without roles. */
  readonly adminSecond: string;
  readonly clerkRole: string;
  readonly securityRole: string;
  /** A role that `security` inherits. */
  readonly baseRole: string;
  /** A role that nobody holds. */
  readonly freeRole: string;
  /** The group through which clerks write in EMEA. */
  readonly emea: string;
  readonly emeaCondition: string;
  readonly securityGroup: string;
  readonly emeaAccount: string;
  readonly amerAccount: string;
}

export const ACCOUNT = { name: 'Aurelia Works', region: 'EMEA', segment: 'ENTERPRISE', currency: 'EUR' };
export const INVOICE = { number: 'A-1', currency: 'EUR', issuedOn: '2026-02-01', dueOn: '2026-03-03' };

const CLERK_OBJECTS = ['Account', 'Invoice', 'InvoiceLine', 'Contract', 'Contact', 'Subscription', 'Product'];
const ADMIN_OBJECTS = [
  'Role',
  'RoleInheritance',
  'FieldPermission',
  'ObjectPermission',
  'ObjectSetting',
  'SharingGroup',
  'SharingMember',
  'SharingCondition',
  'ApprovalRule',
  'ApprovalLevel',
  'User',
  'Client',
  'Person',
  'RoleAssignment',
];
const VERBS = ['CREATE', 'UPDATE', 'DELETE'];

/** Fills a world with people, roles, groups and two accounts, in one change set of the installation. */
export async function peopleIn(world: World): Promise<People> {
  const lines = (role: string, objects: readonly string[]) =>
    objects.flatMap((objectName) => {
      const object = world.catalogue.objects.get(objectName)!;
      const members = object.members.map(({ name, kind }) => ({ name, kind }));
      return [
        ...VERBS.map((action) => create('ObjectPermission', { roleId: role, objectName, action, effect: 'ALLOW' })),
        ...members.flatMap(({ name, kind }) =>
          (kind === 'to-many' ? ['SEE_CLEAR'] : ['SEE_CLEAR', 'CHANGE']).map((action) =>
            create('FieldPermission', { roleId: role, objectName, fieldName: name, action, effect: 'ALLOW' }),
          ),
        ),
      ];
    });
  const changes = [
    create('Role', { name: 'clerk' }, 'clerkRole'),
    create('Role', { name: 'security' }, 'securityRole'),
    create('Role', { name: 'base' }, 'baseRole'),
    create('Role', { name: 'free' }, 'freeRole'),
    create('RoleInheritance', { roleId: '@securityRole', inheritsId: '@baseRole' }),
    ...lines('@clerkRole', CLERK_OBJECTS),
    create('FieldPermission', {
      roleId: '@clerkRole',
      objectName: 'Account',
      fieldName: 'creditLimit',
      action: 'CHANGE',
      effect: 'DENY',
    }),
    create('FieldPermission', {
      roleId: '@clerkRole',
      objectName: 'Contract',
      fieldName: 'startsOn',
      action: 'SEE_MASKED',
      effect: 'DENY',
    }),
    create('FieldPermission', {
      roleId: '@clerkRole',
      objectName: 'Contract',
      fieldName: 'number',
      action: 'SEE_MASKED',
      effect: 'DENY',
    }),
    ...lines('@securityRole', ADMIN_OBJECTS),
    ...[...ADMIN_OBJECTS, 'Product'].map((objectName) => create('ObjectSetting', { objectName, sharing: 'OPEN' })),
    create('SharingGroup', { name: 'EMEA', access: 'READ_WRITE' }, 'emea'),
    create(
      'SharingCondition',
      { groupId: '@emea', objectName: 'Account', condition: { region: { eq: 'EMEA' } } },
      'emeaCondition',
    ),
    create('SharingMember', { groupId: '@emea', roleId: '@clerkRole' }),
    create('SharingGroup', { name: 'Security', access: 'READ' }, 'securityGroup'),
    create('Person', { fullName: 'Cleo Clerk' }, 'clerkPerson'),
    create('Person', { fullName: 'Sol Admin' }, 'adminPerson'),
    create('User', { personId: '@clerkPerson', email: 'cleo@example.com', audience: 'STAFF' }, 'clerk'),
    create('User', { personId: '@adminPerson', email: 'sol@example.com', audience: 'STAFF' }, 'admin'),
    create('User', { personId: '@adminPerson', email: 'sol2@example.com', audience: 'STAFF' }, 'adminSecond'),
    create('RoleAssignment', { roleId: '@clerkRole', userId: '@clerk' }),
    create('RoleAssignment', { roleId: '@securityRole', userId: '@admin' }),
    create('SharingMember', { groupId: '@securityGroup', userId: '@admin' }),
    create('Account', ACCOUNT, 'emeaAccount'),
    create('Account', { ...ACCOUNT, name: 'Borealis Inc', region: 'AMER' }, 'amerAccount'),
  ];
  const ids = await world.install(...changes);
  const named = changes.flatMap(({ as }, index) => (typeof as === 'string' ? [[as, ids[index]!] as const] : []));
  return Object.fromEntries(named) as unknown as People;
}
