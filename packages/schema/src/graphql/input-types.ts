import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLID,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import {
  type Catalogue,
  type CatalogueObject,
  type FieldType,
  inputName,
  objectOf,
  type StoredMember,
  storedMembers,
} from '../catalogue/catalogue';
import { DateScalar, DateTimeScalar, DecimalScalar, JsonScalar } from '../scalars/scalars';
import { operatorsFor } from './operators';
import type { SchemaView } from './schema-view';
import { SortDirection } from './steering-enums';

const SCALARS: Record<Exclude<FieldType['kind'], 'enum'>, GraphQLScalarType> = {
  uuid: GraphQLID,
  text: GraphQLString,
  integer: GraphQLInt,
  boolean: GraphQLBoolean,
  decimal: DecimalScalar,
  date: DateScalar,
  timestamp: DateTimeScalar,
  json: JsonScalar,
};

/**
 * The input types and enums of one schema: filters, sort orders, create and update inputs. Types are made when first
 * asked for, so that a schema holds only what its view reaches.
 */
export class InputTypes {
  private readonly enums = new Map<string, GraphQLEnumType>();
  private readonly made = new Map<string, GraphQLInputObjectType>();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly view: SchemaView,
  ) {}

  /** The scalar or enum in which a field of this type travels, in and out. */
  leaf(type: FieldType): GraphQLLeafType {
    if (type.kind !== 'enum') return SCALARS[type.kind];
    const known = this.enums.get(type.name);
    if (known) return known;
    const values = Object.fromEntries(type.values.map((value) => [value, { value }]));
    const made = new GraphQLEnumType({ name: type.name, values });
    this.enums.set(type.name, made);
    return made;
  }

  where(objectName: string): GraphQLInputObjectType {
    return this.once(`${objectName}Where`, (self) => ({
      ...this.whereFields(objectOf(this.catalogue, objectName)),
      and: { type: new GraphQLList(new GraphQLNonNull(self())) },
      or: { type: new GraphQLList(new GraphQLNonNull(self())) },
      not: { type: self() },
    }));
  }

  orderBy(objectName: string): GraphQLInputType {
    const object = objectOf(this.catalogue, objectName);
    const one = this.once(
      `${objectName}OrderBy`,
      () => {
        const fields: GraphQLInputFieldConfigMap = {};
        for (const member of object.members) {
          if (member.kind !== 'field' || member.type.kind === 'json') continue;
          if (this.view.filterable(objectName, member.name)) fields[member.name] = { type: SortDirection };
        }
        return fields;
      },
      true,
    );
    return new GraphQLList(new GraphQLNonNull(one));
  }

  create(objectName: string): GraphQLInputObjectType | null {
    return this.changes(objectName, `${objectName}CreateInput`, (member) => member.write !== 'never', true);
  }

  update(objectName: string): GraphQLInputObjectType | null {
    return this.changes(objectName, `${objectName}UpdateInput`, (member) => member.write === 'always', false);
  }

  private changes(
    objectName: string,
    name: string,
    settable: (member: StoredMember) => boolean,
    creating: boolean,
  ): GraphQLInputObjectType | null {
    const members = storedMembers(objectOf(this.catalogue, objectName)).filter(
      (member) => settable(member) && this.view.changeable(objectName, member.name),
    );
    if (members.length === 0) return null;
    return this.once(name, () => {
      const fields: GraphQLInputFieldConfigMap = {};
      for (const member of members) {
        const leaf = member.kind === 'field' ? this.leaf(member.type) : GraphQLID;
        const required = creating && !member.nullable && (member.kind === 'to-one' || member.default === undefined);
        fields[inputName(member)] = {
          type: required ? new GraphQLNonNull(leaf) : leaf,
          description: member.description,
        };
      }
      return fields;
    });
  }

  private whereFields(object: CatalogueObject): GraphQLInputFieldConfigMap {
    const fields: GraphQLInputFieldConfigMap = {};
    for (const member of object.members) {
      if (!this.view.filterable(object.name, member.name)) continue;
      if (member.kind === 'field') {
        fields[member.name] = { type: this.filter(member.type) };
      } else if (this.view.readable(member.target)) {
        fields[member.name] = {
          type: member.kind === 'to-one' ? this.referenceWhere(member.target) : this.listWhere(member.target),
        };
      }
    }
    return fields;
  }

  /** A condition on the record that a to-one relation leads to, or on its absence. */
  private referenceWhere(target: string): GraphQLInputObjectType {
    return this.once(`${target}ReferenceWhere`, () => ({
      ...this.whereFields(objectOf(this.catalogue, target)),
      and: { type: new GraphQLList(new GraphQLNonNull(this.where(target))) },
      or: { type: new GraphQLList(new GraphQLNonNull(this.where(target))) },
      not: { type: this.where(target) },
      isNull: { type: GraphQLBoolean },
    }));
  }

  private listWhere(target: string): GraphQLInputObjectType {
    return this.once(`${target}ListWhere`, () => ({
      some: { type: this.where(target) },
      none: { type: this.where(target) },
    }));
  }

  /** The comparisons of a type. */
  filter(type: FieldType): GraphQLInputObjectType {
    const leaf = this.leaf(type);
    return this.once(`${leaf.name}Filter`, () => {
      const fields: GraphQLInputFieldConfigMap = {};
      for (const operator of operatorsFor(type)) {
        if (operator === 'isNull') fields[operator] = { type: GraphQLBoolean };
        else if (operator === 'in') fields[operator] = { type: new GraphQLList(new GraphQLNonNull(leaf)) };
        else fields[operator] = { type: leaf };
      }
      return fields;
    });
  }

  private once(
    name: string,
    fields: (self: () => GraphQLInputObjectType) => GraphQLInputFieldConfigMap,
    isOneOf = false,
  ): GraphQLInputObjectType {
    const known = this.made.get(name);
    if (known) return known;
    const type: GraphQLInputObjectType = new GraphQLInputObjectType({
      name,
      isOneOf,
      fields: () => fields(() => type),
    });
    this.made.set(name, type);
    return type;
  }
}
