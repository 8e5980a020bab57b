import 'reflect-metadata';
import {
  Column,
  type ColumnOptions,
  Entity,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  type PrimaryColumnOptions,
} from 'typeorm';
import type { CatalogueMember, CatalogueObject, FieldType, GenericVerb, MaskForm, Tag, WriteRule } from './catalogue';

/*
 * One composed decorator per field: it tells TypeORM about the column and the catalogue about the field, so that adding
 * an object is writing one file. No DataSource is needed to read what they collected.
 */

type MemberMaker = () => CatalogueMember;
const membersOfClass = new WeakMap<object, MemberMaker[]>();

// biome-ignore lint/complexity/noBannedTypes: TypeORM's own decorators take any class
type AnyClass = Function;

export interface ObjectOptions {
  readonly kind: 'billing' | 'system';
  readonly table: string;
  readonly plural: string;
  readonly description: string;
  /** The generic mutations; all three when left out. */
  readonly verbs?: readonly GenericVerb[];
  readonly scopeVia?: string;
  readonly subjectVia?: string;
  readonly uniques?: readonly (readonly string[])[];
  readonly authenticated?: boolean;
}

interface CommonOptions {
  readonly description: string;
  readonly nullable?: boolean;
  readonly write?: WriteRule;
  readonly tags?: readonly Tag[];
}

export interface FieldOptions extends CommonOptions {
  readonly mask?: MaskForm;
  readonly default?: string | number | boolean;
}

/** Field types, as the decorators take them. */
export const uuid: FieldType = { kind: 'uuid' };
export const text = (maxLength: number, pattern?: string): FieldType => ({
  kind: 'text',
  maxLength,
  ...(pattern ? { pattern } : {}),
});
export const integer = (range: { min?: number; max?: number } = {}): FieldType => ({ kind: 'integer', ...range });
export const boolean: FieldType = { kind: 'boolean' };
export const decimal = (precision: number, scale: number, min?: string): FieldType => ({
  kind: 'decimal',
  precision,
  scale,
  ...(min === undefined ? {} : { min }),
});
export const date: FieldType = { kind: 'date' };
export const timestamp: FieldType = { kind: 'timestamp' };
export const enumeration = (name: string, values: readonly string[]): FieldType => ({ kind: 'enum', name, values });
export const json: FieldType = { kind: 'json' };
/** An ISO 4217 currency code. */
export const currency: FieldType = text(3, '^[A-Z]{3}$');

/** A scalar field: a column and a catalogue entry. */
export function field(type: FieldType, options: FieldOptions): PropertyDecorator {
  return (prototype, property) => {
    const name = String(property);
    const column = snakeCase(name);
    const columnOfTypeOrm: ColumnOptions = {
      ...columnOptions(type),
      name: column,
      nullable: options.nullable ?? false,
    };
    const declare = name === 'id' ? PrimaryColumn(columnOfTypeOrm as PrimaryColumnOptions) : Column(columnOfTypeOrm);
    declare(prototype, property);
    collect(prototype, () => ({
      kind: 'field',
      name,
      column,
      type,
      nullable: options.nullable ?? false,
      write: options.write ?? 'always',
      tags: options.tags ?? [],
      ...(options.mask ? { mask: options.mask } : {}),
      ...(options.default === undefined ? {} : { default: options.default }),
      description: options.description,
    }));
  };
}

/** A foreign key. `inverse` names the to-many property on the target, where there is one. */
export function toOne(
  target: () => AnyClass,
  options: CommonOptions & { readonly inverse?: string },
): PropertyDecorator {
  return (prototype, property) => {
    const name = String(property);
    const column = `${snakeCase(name)}_id`;
    const nullable = options.nullable ?? false;
    if (options.inverse) ManyToOne(target, options.inverse, { nullable })(prototype, property);
    else ManyToOne(target, { nullable })(prototype, property);
    JoinColumn({ name: column })(prototype, property);
    collect(prototype, () => ({
      kind: 'to-one',
      name,
      target: target().name,
      column,
      nullable,
      write: options.write ?? 'always',
      tags: options.tags ?? [],
      description: options.description,
    }));
  };
}

/** The other side of a foreign key; `via` names the to-one property on the target. */
export function toMany(
  target: () => AnyClass,
  via: string,
  options: { readonly description: string },
): PropertyDecorator {
  return (prototype, property) => {
    OneToMany(target, via)(prototype, property);
    collect(prototype, () => ({
      kind: 'to-many',
      name: String(property),
      target: target().name,
      via,
      description: options.description,
    }));
  };
}

const objectOptions = new WeakMap<AnyClass, ObjectOptions>();

/** Declares a class as an object of the catalogue and an entity of TypeORM. */
export function object(options: ObjectOptions): ClassDecorator {
  return (target) => {
    Entity({ name: options.table })(target);
    objectOptions.set(target, options);
  };
}

/** The catalogue entry of a decorated class, its inherited members first. Throws for a class that is not decorated. */
export function describeClass(target: AnyClass): CatalogueObject {
  const options = objectOptions.get(target);
  if (!options) throw new Error(`${target.name} carries no @object`);
  const members: CatalogueMember[] = [];
  for (const prototype of prototypesOf(target)) {
    for (const make of membersOfClass.get(prototype) ?? []) members.push(make());
  }
  return {
    name: target.name,
    singular: target.name.charAt(0).toLowerCase() + target.name.slice(1),
    plural: options.plural,
    table: options.table,
    kind: options.kind,
    description: options.description,
    members,
    verbs: options.verbs ?? ['create', 'update', 'delete'],
    ...(options.scopeVia ? { scopeVia: options.scopeVia } : {}),
    ...(options.subjectVia ? { subjectVia: options.subjectVia } : {}),
    uniques: options.uniques ?? [],
    authenticated: options.authenticated ?? false,
  };
}

function prototypesOf(target: AnyClass): object[] {
  const chain: object[] = [];
  for (let p: object | null = target.prototype; p && p !== Object.prototype; p = Object.getPrototypeOf(p))
    chain.unshift(p);
  return chain;
}

function collect(prototype: object, make: MemberMaker): void {
  const list = membersOfClass.get(prototype) ?? [];
  list.push(make);
  membersOfClass.set(prototype, list);
}

/** `issuedOn` -> `issued_on`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function columnOptions(type: FieldType): ColumnOptions {
  switch (type.kind) {
    case 'uuid':
      return { type: 'uuid' };
    case 'text':
    case 'enum':
      return { type: 'text' };
    case 'integer':
      return { type: 'integer' };
    case 'boolean':
      return { type: 'boolean' };
    case 'decimal':
      return { type: 'numeric', precision: type.precision, scale: type.scale };
    case 'date':
      return { type: 'date' };
    case 'timestamp':
      return { type: 'timestamptz', precision: 3 };
    case 'json':
      return { type: 'jsonb' };
  }
}
