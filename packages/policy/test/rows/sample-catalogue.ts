import {
  boolean,
  type CatalogueField,
  type CatalogueMember,
  type CatalogueObject,
  createCatalogue,
  date,
  decimal,
  enumeration,
  type FieldType,
  integer,
  json,
  snakeCase,
  type ToManyRelation,
  type ToOneRelation,
  text,
  timestamp,
  uuid,
} from '@countersign/schema';

const member = (name: string, type: FieldType, nullable = true): CatalogueField => ({
  kind: 'field',
  name,
  column: snakeCase(name),
  type,
  nullable,
  write: 'always',
  tags: [],
  description: name,
});
const parent = (name: string, target: string): ToOneRelation => ({
  kind: 'to-one',
  name,
  target,
  column: `${snakeCase(name)}_id`,
  nullable: true,
  write: 'always',
  tags: [],
  description: name,
});
const children = (name: string, target: string, via: string): ToManyRelation => ({
  kind: 'to-many',
  name,
  target,
  via,
  description: name,
});
const object = (name: string, plural: string, members: CatalogueMember[], scopeVia?: string): CatalogueObject => ({
  name,
  singular: name.charAt(0).toLowerCase() + name.slice(1),
  plural,
  table: `sample_${snakeCase(plural)}`,
  kind: 'billing',
  description: name,
  members: [member('id', uuid, false), member('version', integer(), false), ...members],
  verbs: [],
  ...(scopeVia ? { scopeVia } : {}),
  uniques: [],
  authenticated: false,
});

/** Every field type, a self-relation, a chain of scopes three long, and two objects whose scopes follow each other. */
export const sampleCatalogue = createCatalogue([
  object('Account', 'accounts', [
    member('region', text(40)),
    member('segment', enumeration('Segment', ['ENTERPRISE', 'MID', 'SMB'])),
    member('creditLimit', decimal(12, 2)),
    member('rank', integer()),
    member('active', boolean),
    member('since', date),
    member('seenAt', timestamp),
    member('extra', json),
    parent('owner', 'Account'),
    children('subsidiaries', 'Account', 'owner'),
    children('invoices', 'Invoice', 'account'),
    children('contacts', 'Contact', 'account'),
  ]),
  object(
    'Invoice',
    'invoices',
    [
      member('status', enumeration('Status', ['DRAFT', 'PAID', 'OVERDUE'])),
      member('amount', decimal(12, 2)),
      member('dueOn', date),
      parent('account', 'Account'),
      children('lines', 'InvoiceLine', 'invoice'),
    ],
    'account',
  ),
  object(
    'InvoiceLine',
    'invoiceLines',
    [member('note', text(200)), member('quantity', integer()), parent('invoice', 'Invoice')],
    'invoice',
  ),
  object('Contact', 'contacts', [member('email', text(200)), parent('account', 'Account')], 'account'),
  object(
    'Branch',
    'branches',
    [member('region', text(40)), parent('head', 'Account'), parent('office', 'Office')],
    'office',
  ),
  object('Office', 'offices', [member('region', text(40)), parent('branch', 'Branch')], 'branch'),
]);

export const SAMPLE_OBJECTS = [...sampleCatalogue.objects.keys()];
