import { builtinCatalogue, builtinClasses } from '../builtin-catalogue';
import type { CatalogueObject, ToManyRelation } from './catalogue';
import { catalogueText, memberOf, objectOf, storedMembers } from './catalogue';

const catalogue = builtinCatalogue();
const objects = [...catalogue.objects.values()];
const members = objects.flatMap((object) => object.members.map((member) => ({ object, member })));

function followScope(object: CatalogueObject): CatalogueObject[] {
  const path = [object];
  for (let here = object; here.scopeVia; ) {
    const step = memberOf(here, here.scopeVia);
    if (step?.kind !== 'to-one') throw new Error(`${here.name}.${here.scopeVia} is no relation`);
    here = objectOf(catalogue, step.target);
    if (path.includes(here)) throw new Error(`the row scope of ${object.name} goes round in circles`);
    path.push(here);
  }
  return path;
}

test('the built-in classes make a catalogue without a contradiction', () => {
  expect(catalogue.objects.size).toBe(builtinClasses.length);
  expect(objects.filter((object) => object.kind === 'billing')).toHaveLength(16);
  expect(objects.filter((object) => object.kind === 'system')).toHaveLength(21);
});

test('making the catalogue twice gives the same text, so that restarts do not change its revision', () => {
  expect(catalogueText(builtinCatalogue())).toBe(catalogueText(catalogue));
});

test('every object and every member says what it is in a sentence', () => {
  const silent = members.filter(({ member }) => !/^[A-Z].{8,}\.$/.test(member.description));
  expect(silent.map(({ object, member }) => `${object.name}.${member.name}`)).toEqual([]);
  expect(objects.filter((object) => !/^[A-Z].{8,}\.$/.test(object.description))).toEqual([]);
});

test('one enum name means one list of values', () => {
  const lists = new Map<string, Set<string>>();
  for (const { member } of members) {
    if (member.kind !== 'field' || member.type.kind !== 'enum') continue;
    const spellings = lists.get(member.type.name) ?? new Set();
    lists.set(member.type.name, spellings.add(member.type.values.join(',')));
  }
  expect(lists.size).toBeGreaterThan(15);
  expect([...lists].filter(([, spellings]) => spellings.size > 1)).toEqual([]);
  expect([...lists.keys()].filter((name) => catalogue.objects.has(name))).toEqual([]);
});

test('nobody but the gateway sets the id, the version and the authorship of a record', () => {
  for (const object of objects) {
    for (const name of ['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy']) {
      expect(memberOf(object, name)).toMatchObject({ kind: 'field', write: 'never' });
    }
  }
});

test('every billing object has an external id that is unique among its kind', () => {
  for (const object of objects.filter(({ kind }) => kind === 'billing')) {
    expect(memberOf(object, 'externalId')).toMatchObject({ kind: 'field', nullable: true });
    expect(object.uniques).toContainEqual(['externalId']);
  }
});

test('every foreign key can be followed backwards', () => {
  const backwards = members
    .filter((one): one is { object: CatalogueObject; member: ToManyRelation } => one.member.kind === 'to-many')
    .map(({ member }) => `${member.target}.${member.via}`);
  const forwards = members
    .filter(({ member }) => member.kind === 'to-one')
    .map(({ object, member }) => `${object.name}.${member.name}`);
  expect(forwards.filter((name) => !backwards.includes(name))).toEqual([]);
});

test('what hangs on an account follows the row scope of the account', () => {
  const accountOf = (name: string) => followScope(objectOf(catalogue, name)).map((object) => object.name);
  expect(accountOf('InvoiceLine')).toEqual(['InvoiceLine', 'Invoice', 'Account']);
  expect(accountOf('UsageRecord')).toEqual(['UsageRecord', 'Subscription', 'Account']);
  expect(accountOf('ContractRate')).toEqual(['ContractRate', 'Contract', 'Account']);
  const unscoped = objects.filter(
    (object) => object.kind === 'billing' && followScope(object).at(-1)?.name !== 'Account',
  );
  expect(unscoped.map((object) => object.name)).toEqual(['Product', 'Package', 'PackageItem', 'RateClass', 'Price']);
});

test('a record cannot be moved into another row scope by an update', () => {
  for (const object of objects) {
    if (object.scopeVia) expect(memberOf(object, object.scopeVia)).toMatchObject({ nullable: false, write: 'create' });
  }
});

test('every amount of money stands beside a currency, except on invoice lines, which follow their invoice', () => {
  const moneyless = objects.filter((object) => {
    const holdsMoney = object.members.some((m) => /(amount|total|tax|limit|price)$/i.test(m.name) && isDecimal(m));
    return holdsMoney && !memberOf(object, 'currency');
  });
  expect(moneyless.map((object) => object.name)).toEqual(['InvoiceLine']);
});

function isDecimal(member: CatalogueObject['members'][number]): boolean {
  return member.kind === 'field' && member.type.kind === 'decimal';
}

test('personal and cardholder text is tagged, and the full card number has no clear neighbour but its last four digits', () => {
  const tagsOf = (object: string, name: string) => {
    const member = memberOf(objectOf(catalogue, object), name);
    return member && member.kind !== 'to-many' ? [...member.tags] : undefined;
  };
  expect(tagsOf('PaymentMethod', 'number')).toEqual(['cardholder']);
  expect(tagsOf('PaymentMethod', 'holder')).toEqual(['personal', 'cardholder']);
  expect(tagsOf('PaymentMethod', 'lastFour')).toEqual([]);
  for (const name of ['firstName', 'lastName', 'email', 'phone', 'street', 'city', 'state', 'postalCode', 'country']) {
    expect(tagsOf('Contact', name)).toEqual(['personal']);
  }
  for (const [object, name] of [
    ['Person', 'fullName'],
    ['Person', 'email'],
    ['User', 'email'],
  ] as const) {
    expect(tagsOf(object, name)).toEqual(['personal']);
  }
});

test('exactly the records that give somebody rights carry a MAC', () => {
  const names = objects.filter((object) => object.authenticated).map((object) => object.name);
  expect(names).toEqual([
    'User',
    'Client',
    'RoleAssignment',
    'SharingMember',
    'ApprovalDelegation',
    'PendingChange',
    'ApprovalDecision',
    'BreakGlassEligibility',
    'BreakGlassGrant',
  ]);
});

test('the audit log and the queue of pending changes have no generic mutation', () => {
  for (const name of ['AuditEntry', 'PendingChange']) {
    const object = objectOf(catalogue, name);
    expect(object.verbs).toEqual([]);
    expect(storedMembers(object).filter((member) => member.write !== 'never')).toEqual([]);
  }
});
