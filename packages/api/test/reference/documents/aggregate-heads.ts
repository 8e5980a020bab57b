import { type CatalogueMember, type CatalogueObject, memberOf, objectOf } from '@countersign/schema';
import {
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  isInputObjectType,
} from 'graphql';
import { generateCondition } from '../worlds/generate-condition';
import { randomValue } from '../worlds/value-pools';
import type { DocumentGround } from './generate-document';
import { type Printing, printInput } from './print-input';

/** The beginning of an aggregate, and what is grouped by: nothing else may be selected as a key. */
export interface AggregateHead {
  readonly text: string;
  readonly keys: readonly GroupName[];
}

/** A member, or a member of a parent. */
export interface GroupName {
  readonly relation: string | null;
  readonly field: string;
}

interface Place {
  readonly object: CatalogueObject;
  readonly field: GraphQLField<unknown, unknown>;
  readonly name: string;
  readonly owner: string;
}

type Json = Record<string, unknown>;

const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'America/St_Johns'],
  ...['Asia/Kathmandu', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'europe/berlin', 'Etc/GMT+5'],
];
const NO_ZONES = ['', 'Nowhere/Atall', '+05:30', 'UTC+3', 'Europe/Berlin ', '<x>-3'];

/** Makes the heads of aggregates, with random arguments. */
export class AggregateHeads {
  /** Without an alias an aggregate has the same arguments wherever it stands, or the selections could not be merged. */
  private readonly unaliased = new Map<string, AggregateHead>();
  private made = 0;

  constructor(
    private readonly printing: Printing,
    private readonly ground: DocumentGround,
    private readonly likes: (member: CatalogueMember, object: string) => boolean,
  ) {}

  make(place: Place): AggregateHead {
    const name = `${place.owner}.${place.name}`;
    const known = this.unaliased.get(name);
    if (this.printing.chance.percent(50)) {
      const head = known ?? this.head(place, '');
      this.unaliased.set(name, head);
      return head;
    }
    this.made += 1;
    return this.head(place, `g${this.made}: `);
  }

  private head(place: Place, alias: string): AggregateHead {
    const { chance } = this.printing;
    const args: string[] = [];
    const give = (argument: string, draw: () => unknown, again = draw) => {
      const type = place.field.args.find(({ name }) => name === argument)?.type;
      if (!type) return undefined;
      const value = draw();
      args.push(`${argument}: ${printInput(this.printing, value, type, again)}`);
      return value;
    };
    if (chance.percent(35)) give('where', () => this.where(place.object));
    // Other values of groupBy would have other keys; selections name those of the first.
    const groups = () => this.groupBy(place);
    const given = chance.percent(75)
      ? ((give('groupBy', groups, () => this.otherZones(place, grouped)) ?? []) as Json[])
      : [];
    const grouped: readonly Json[] = given;
    if (chance.percent(35)) give('having', () => this.having(place));
    const keys = grouped.map(nameOf);
    if (chance.percent(45)) give('orderBy', () => this.orderBy(place, keys));
    if (chance.percent(40)) give('first', () => this.size());
    const text = `${alias}${place.name}${args.length > 0 ? `(${chance.shuffled(args).join(', ')})` : ''}`;
    return { text, keys };
  }

  private where(object: CatalogueObject): unknown {
    const { chance } = this.printing;
    const { catalogue, rows, audience } = this.ground;
    const caution = audience === 'portal' ? 99 : 95;
    const ground = { catalogue, rows, principal: false, likes: this.memberLikes, caution };
    return generateCondition(chance, ground, object.name, chance.between(0, 2));
  }

  private readonly memberLikes = (object: string, member: CatalogueMember) => this.likes(member, object);

  private groupBy(place: Place): Json[] {
    const { chance } = this.printing;
    const count = chance.weighted([
      [1, 0],
      [7, 1],
      [4, 2],
      [2, 3],
    ]);
    const type = this.inputOf(place, 'groupBy');
    const all = chance.times(count, () => this.grouping(type, place.object));
    const distinct = new Map(all.map((entry) => [JSON.stringify(nameOf(entry)), entry]));
    return chance.percent(1) ? [...all, ...all.slice(0, 1)] : [...distinct.values()];
  }

  private grouping(type: GraphQLInputObjectType, object: CatalogueObject): Json {
    const { chance } = this.printing;
    const field = this.pick(type, object.name);
    const inner = getNamedType(field.type);
    if (!isInputObjectType(inner)) return { [field.name]: !chance.percent(1) };
    if (inner.name === 'DayGrouping') return { [field.name]: { by: this.unit() } };
    if (inner.name === 'InstantGrouping') return { [field.name]: { by: this.unit(), ...this.zone() } };
    const member = memberOf(object, field.name);
    if (member?.kind !== 'to-one') throw new Error(`${object.name}.${field.name} leads nowhere`);
    return { [field.name]: this.grouping(inner, objectOf(this.ground.catalogue, member.target)) };
  }

  private unit(): string {
    return this.printing.chance.pick(['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR']);
  }

  private zone(): Json {
    const { chance } = this.printing;
    if (chance.percent(25)) return {};
    return { timeZone: chance.percent(3) ? null : chance.pick(chance.percent(2) ? NO_ZONES : ZONES) };
  }

  /** The same groups in other time zones, or other groups altogether. */
  private otherZones(place: Place, grouped: readonly Json[]): unknown {
    if (this.printing.chance.percent(10)) return this.groupBy(place);
    return JSON.parse(JSON.stringify(grouped), (_name, value) => {
      return typeof value === 'object' && value !== null && 'by' in value ? { ...value, ...this.zone() } : value;
    });
  }

  private having(place: Place, depth = 2): Json {
    const { chance } = this.printing;
    const type = this.inputOf(place, 'having');
    const inner = () => this.having(place, depth - 1);
    const draw = chance.weighted<() => Json>([
      [8, () => this.compared(type, place)],
      [2, () => ({ ...this.compared(type, place), ...this.compared(type, place) })],
      [depth > 0 ? 1 : 0, () => ({ and: [inner(), inner()] })],
      [depth > 0 ? 2 : 0, () => ({ or: chance.times(chance.int(3), inner) })],
      [depth > 0 ? 2 : 0, () => ({ not: inner() })],
    ]);
    return chance.percent(2) ? {} : draw();
  }

  private compared(type: GraphQLInputObjectType, { object }: Place): Json {
    const { chance } = this.printing;
    const functions = Object.values(type.getFields()).filter(({ name }) => !['and', 'or', 'not'].includes(name));
    const of = chance.pick(functions);
    if (of.name === 'count') return { count: this.comparison(getNamedType(of.type) as GraphQLInputObjectType) };
    const members = getNamedType(of.type) as GraphQLInputObjectType;
    if (chance.percent(0.7)) return { [of.name]: {} };
    const field = this.pick(members, object.name);
    const member = memberOf(object, field.name);
    const own = member?.kind === 'field' && (of.name === 'min' || of.name === 'max') ? member.name : null;
    const filter = getNamedType(field.type) as GraphQLInputObjectType;
    return { [of.name]: { [field.name]: this.comparison(filter, own === null ? undefined : { object, name: own }) } };
  }

  private comparison(filter: GraphQLInputObjectType, own?: { object: CatalogueObject; name: string }): Json {
    const { chance } = this.printing;
    if (chance.percent(0.7)) return {};
    const operator = chance.pick(Object.keys(filter.getFields()));
    if (operator === 'isNull') return { isNull: chance.percent(50) };
    const value = () => this.figure(filter.name, operator, own);
    return { [operator]: operator === 'in' ? chance.times(chance.int(4), value) : value() };
  }

  /** A value to compare a figure with; small ones meet more often. */
  private figure(filter: string, operator: string, own?: { object: CatalogueObject; name: string }): unknown {
    const { ground } = this;
    const { chance } = this.printing;
    const rows = own ? (ground.rows[own.object.name] ?? []) : [];
    const stored = own && rows.length > 0 ? chance.pick(rows)[own.name] : null;
    if (stored !== null && stored !== undefined && chance.percent(70)) {
      return operator === 'contains' || operator === 'startsWith' ? [...String(stored)].slice(0, 1).join('') : stored;
    }
    switch (filter) {
      case 'IntFilter':
        return chance.pick([0, 1, 2, 2, 3, 5, 20, -1]);
      case 'DecimalFilter':
        return chance.pick([
          '0',
          '1',
          '10',
          '-1',
          '0.5',
          '100.00',
          '2147483647',
          '1.005',
          `${'9'.repeat(25)}`,
          '0.000001',
        ]);
      case 'DateFilter':
        return randomValue(chance, { kind: 'date' }, []);
      case 'DateTimeFilter':
        return randomValue(chance, { kind: 'timestamp' }, []);
      default:
        return randomValue(chance, { kind: 'text', maxLength: 200 }, []);
    }
  }

  private orderBy(place: Place, keys: readonly GroupName[]): Json[] {
    const { chance } = this.printing;
    const type = this.inputOf(place, 'orderBy');
    const all = chance.times(chance.between(1, 2), (): Json => {
      const direction = chance.pick(['ASC', 'DESC']);
      const names = Object.keys(type.getFields()).filter((name) => name !== 'key');
      if (keys.length > 0 && chance.percent(45)) {
        const { relation, field } = chance.pick(keys);
        return { key: relation === null ? { [field]: direction } : { [relation]: { [field]: direction } } };
      }
      const of = chance.pick(names);
      if (of === 'count') return { count: direction };
      const members = getNamedType(type.getFields()[of]!.type) as GraphQLInputObjectType;
      return { [of]: { [this.pick(members, place.object.name).name]: direction } };
    });
    const distinct = new Map(all.map((entry) => [JSON.stringify(entry).replace(/ASC|DESC/, ''), entry]));
    return chance.percent(1) ? [...all, ...all.slice(0, 1)] : [...distinct.values()];
  }

  private size(): number | null {
    const { chance } = this.printing;
    if (chance.percent(2)) return chance.pick([-1, 101, 1_000_000]);
    return chance.weighted<number | null>([
      [8, chance.int(5)],
      [2, chance.pick([10, 20, 25, 50, 100])],
      [1, null],
    ]);
  }

  /** A member that the person sees clear, mostly. */
  private pick(type: GraphQLInputObjectType, object: string): GraphQLInputField {
    const { ground } = this;
    const { chance } = this.printing;
    const fields = Object.values(type.getFields());
    const owner = objectOf(ground.catalogue, object);
    const liked = fields.filter(({ name }) => {
      const member = memberOf(owner, name);
      return member !== undefined && this.likes(member, object);
    });
    const caution = ground.audience === 'portal' ? 99.5 : 97;
    return chance.pick(liked.length > 0 && chance.percent(caution) ? liked : fields);
  }

  private inputOf({ field }: Place, argument: string): GraphQLInputObjectType {
    return getNamedType(
      field.args.find(({ name }) => name === argument)!.type as GraphQLInputType,
    ) as GraphQLInputObjectType;
  }
}

function nameOf(entry: Json): GroupName {
  const [name, how] = Object.entries(entry)[0]!;
  const isParent = typeof how === 'object' && how !== null && !('by' in how && typeof how.by === 'string');
  return isParent ? { relation: name, field: Object.keys(how as Json)[0]! } : { relation: null, field: name };
}
