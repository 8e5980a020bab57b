import { type Catalogue, type CatalogueMember, type CatalogueObject, createCatalogue } from '@countersign/schema';

/*
 * A small catalogue for the proofs of this package: two billing objects, a custom one and a system one, with masked,
 * unmasked, cardholder and related members. The product's own objects may change without touching these proofs.
 */

type FieldShape = Partial<Extract<CatalogueMember, { kind: 'field' }>>;

export const field = (name: string, shape: FieldShape = {}): CatalogueMember => ({
  kind: 'field',
  name,
  column: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  type: { kind: 'text', maxLength: 100 },
  nullable: true,
  write: 'always',
  tags: [],
  description: name,
  ...shape,
});

export const toOne = (name: string, target: string): CatalogueMember => ({
  kind: 'to-one',
  name,
  target,
  column: `${name}_id`,
  nullable: true,
  write: 'always',
  tags: [],
  description: name,
});

export const toMany = (name: string, target: string, via: string): CatalogueMember => ({
  kind: 'to-many',
  name,
  target,
  via,
  description: name,
});

export const object = (
  name: string,
  kind: CatalogueObject['kind'],
  members: readonly CatalogueMember[],
): CatalogueObject => ({
  name,
  singular: name.charAt(0).toLowerCase() + name.slice(1),
  plural: `${name.charAt(0).toLowerCase() + name.slice(1)}s`,
  table: name.toLowerCase(),
  kind,
  description: name,
  members: [
    field('id', { type: { kind: 'uuid' }, nullable: false, write: 'create' }),
    field('version', { type: { kind: 'integer' }, nullable: false, write: 'never' }),
    ...members,
  ],
  verbs: ['create', 'update', 'delete'],
  uniques: [],
  authenticated: false,
});

export const CASE_REVISION = 'revision-of-the-cases';

export function caseCatalogue(): Catalogue {
  return createCatalogue([
    object('Account', 'billing', [
      field('name'),
      field('email', { mask: 'email', tags: ['personal'] }),
      field('cardNumber', { mask: 'last4', tags: ['cardholder'] }),
      toMany('invoices', 'Invoice', 'account'),
    ]),
    object('Invoice', 'billing', [
      field('number'),
      field('amount', { type: { kind: 'decimal', precision: 14, scale: 2 } }),
      field('iban', { mask: 'last4', tags: ['confidential'] }),
      toOne('account', 'Account'),
    ]),
    object('Meter', 'custom', [field('serial', { mask: 'last4' }), field('reading')]),
    object('User', 'system', [field('email', { mask: 'email' }), field('locked', { type: { kind: 'boolean' } })]),
  ]);
}
