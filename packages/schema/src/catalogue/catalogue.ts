/**
 * The catalogue: the one vocabulary shared by GraphQL, SQL, policy and audit.
 *
 * It is a plain, frozen value. Classes feed it at start; custom entities may feed it while the gateway runs. Nothing may
 * assume that an object has a class, and nothing may keep a catalogue beyond the request that was decided under it.
 */

/** What a field may say about a person or a payment; the tags decide sealing, wildcards and masking. */
export type Tag = 'personal' | 'cardholder' | 'confidential';

/**
 * How a text field looks to someone who may see it only masked:
 * `last4` keeps the last four characters, `initial` the first one, `email` the first one and the domain.
 */
export type MaskForm = 'last4' | 'initial' | 'email';

/** Who may set a field or a to-one relation: any change, only a create, or the gateway alone. */
export type WriteRule = 'always' | 'create' | 'never';

export type FieldType =
  | { readonly kind: 'uuid' }
  | { readonly kind: 'text'; readonly maxLength: number; readonly pattern?: string }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number; readonly min?: string }
  | { readonly kind: 'date' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'json' };

export interface CatalogueField {
  readonly kind: 'field';
  /** GraphQL name, camelCase. */
  readonly name: string;
  /** SQL column, snake_case. */
  readonly column: string;
  readonly type: FieldType;
  readonly nullable: boolean;
  readonly write: WriteRule;
  readonly tags: readonly Tag[];
  /** Absent: the field has no masked form, so a masked level shows nothing. */
  readonly mask?: MaskForm;
  /** Value given to a create that leaves the field out. */
  readonly default?: string | number | boolean;
  readonly description: string;
}

/** `account` on Invoice: a foreign key. Output and filter name is `account`; inputs call it `accountId`. */
export interface ToOneRelation {
  readonly kind: 'to-one';
  readonly name: string;
  readonly target: string;
  readonly column: string;
  readonly nullable: boolean;
  readonly write: WriteRule;
  readonly tags: readonly Tag[];
  readonly description: string;
}

/** `invoices` on Account: the other side of a to-one relation; holds no column. */
export interface ToManyRelation {
  readonly kind: 'to-many';
  readonly name: string;
  readonly target: string;
  /** Name of the to-one relation on the target that points back here. */
  readonly via: string;
  readonly description: string;
}

export type CatalogueMember = CatalogueField | ToOneRelation | ToManyRelation;

/** The generic mutations that an object has. */
export type GenericVerb = 'create' | 'update' | 'delete';

export interface CatalogueObject {
  /** GraphQL type name, PascalCase. */
  readonly name: string;
  /** GraphQL name of one record: `invoice`. */
  readonly singular: string;
  /** GraphQL name of the connection: `invoices`. */
  readonly plural: string;
  readonly table: string;
  readonly kind: 'billing' | 'system' | 'custom';
  readonly description: string;
  readonly members: readonly CatalogueMember[];
  readonly verbs: readonly GenericVerb[];
  /** To-one relation whose target's row scope this object follows (an invoice follows its account). */
  readonly scopeVia?: string;
  /** To-one relation, or `id` for the object itself, that leads to the person whose data a record is. */
  readonly subjectVia?: string;
  /** Sets of member names that are unique together. */
  readonly uniques: readonly (readonly string[])[];
  /** True: each row carries a MAC, and a row without a valid one grants nothing. */
  readonly authenticated: boolean;
}

export interface Catalogue {
  readonly objects: ReadonlyMap<string, CatalogueObject>;
}

/** A catalogue that contradicts itself. `problems` names every contradiction, not only the first. */
export class CatalogueInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The catalogue is invalid:\n- ${problems.join('\n- ')}`);
    this.name = 'CatalogueInvalid';
  }
}

/** The object of that name. Throws when there is none: callers hold names that came from this catalogue. */
export function objectOf(catalogue: Catalogue, name: string): CatalogueObject {
  const found = catalogue.objects.get(name);
  if (!found) throw new Error(`No object ${name} in this catalogue`);
  return found;
}

/** The field or relation of that name, or undefined. */
export function memberOf(object: CatalogueObject, name: string): CatalogueMember | undefined {
  return object.members.find((member) => member.name === name);
}

/** Members that live in a column of the object's own table: fields and to-one relations. */
export type StoredMember = CatalogueField | ToOneRelation;

export function storedMembers(object: CatalogueObject): StoredMember[] {
  return object.members.filter((member): member is StoredMember => member.kind !== 'to-many');
}

/** The name under which inputs set a stored member: relations take the target's id. */
export function inputName(member: StoredMember): string {
  return member.kind === 'to-one' ? `${member.name}Id` : member.name;
}

/** A canonical text of the catalogue: equal catalogues give equal text. Its digest is the catalogue's revision. */
export function catalogueText(catalogue: Catalogue): string {
  const objects = [...catalogue.objects.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `[${objects.map(objectText).join(',')}]`;
}

/** Objects are frozen, and most of them are the same in the next catalogue. */
const objectTexts = new WeakMap<CatalogueObject, string>();

function objectText(object: CatalogueObject): string {
  const known = objectTexts.get(object) ?? JSON.stringify(sorted(object));
  objectTexts.set(object, known);
  return known;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}
