import { PRINCIPAL_VALUES } from '@countersign/policy';
import {
  type Catalogue,
  type CatalogueField,
  type CatalogueMember,
  type CatalogueObject,
  objectOf,
  operatorsFor,
} from '@countersign/schema';
import type { Chance } from './chance';
import { randomValue } from './value-pools';
import type { World, WorldRow } from './world';

type Json = Record<string, unknown>;

export interface ConditionGround {
  readonly catalogue: Catalogue;
  readonly rows: World['rows'];
  /** True for conditions of admins: some values are those of whoever asks. */
  readonly principal: boolean;
  /** Whether a member is one to be named. */
  readonly likes: (object: string, member: CatalogueMember) => boolean;
  /** How often only what is liked is named, of a hundred. */
  readonly caution: number;
}

/** Comparisons take what is JSON already; the other forms of a value are for a client to find. */
const STRAY_VALUES = ['no such value', '', '0', '1.005', '2024-02-30', '\u0000', -1.5, 2147483648, null, true];

/** A random condition on an object, in the form that `where` arguments and stored conditions share. */
export function generateCondition(chance: Chance, ground: ConditionGround, objectName: string, depth = 3): Json {
  return new ConditionMaker(chance, ground).condition(objectOf(ground.catalogue, objectName), depth);
}

class ConditionMaker {
  constructor(
    private readonly chance: Chance,
    private readonly ground: ConditionGround,
  ) {}

  condition(object: CatalogueObject, depth: number): Json {
    const { chance } = this;
    if (chance.percent(3)) return {};
    const inner = () => this.condition(object, depth - 1);
    const several = () =>
      chance.times(
        chance.weighted([
          [1, 0],
          [3, 1],
          [6, 2],
          [2, 3],
        ]),
        inner,
      );
    const kinds: [number, () => Json][] = [[7, () => this.member(object, depth)]];
    if (depth > 0) {
      kinds.push([1, () => ({ and: several() })], [2, () => ({ or: several() })], [2, () => ({ not: inner() })]);
      kinds.push([1, () => ({ ...this.member(object, depth), ...this.member(object, depth), not: inner() })]);
      kinds.push([1, () => ({ ...this.member(object, depth), or: several() })]);
    }
    return chance.weighted(kinds)();
  }

  private member(object: CatalogueObject, depth: number): Json {
    const { chance, ground } = this;
    const usable = object.members.filter((member) => member.kind === 'field' || depth > 0);
    const liked = usable.filter((member) => ground.likes(object.name, member));
    const member = chance.pick(liked.length > 0 && chance.percent(ground.caution) ? liked : usable);
    if (member.kind === 'field') return { [member.name]: this.comparison(object, member) };
    const target = objectOf(ground.catalogue, member.target);
    if (member.kind === 'to-many') {
      const quantifiers = chance.weighted([
        [5, ['some']],
        [4, ['none']],
        [1, ['some', 'none']],
      ]);
      return {
        [member.name]: Object.fromEntries(quantifiers.map((name) => [name, this.condition(target, depth - 1)])),
      };
    }
    return { [member.name]: this.parent(target, depth) };
  }

  private parent(target: CatalogueObject, depth: number): Json {
    const { chance } = this;
    const isNull = { isNull: chance.percent(50) };
    const byKey = (): Json => {
      const id = { id: this.comparison(target, idOf(target)) };
      return chance.percent(30) ? { not: id } : id;
    };
    return chance.weighted<() => Json>([
      [3, () => isNull],
      [3, byKey],
      [6, () => this.condition(target, depth - 1)],
      [1, () => ({ ...isNull, ...this.condition(target, depth - 1) })],
    ])();
  }

  private comparison(object: CatalogueObject, field: CatalogueField): Json {
    const { chance } = this;
    // Nobody may write it; a client may try.
    if (!this.ground.principal && chance.percent(0.5)) return {};
    const operators = operatorsFor(field.type);
    const names = chance.some(operators, chance.percent(12) ? 2 : 1);
    return Object.fromEntries(
      names.map((operator) => {
        if (operator === 'isNull') return [operator, chance.percent(50)];
        if (operator !== 'in') return [operator, this.value(object, field, operator)];
        const values = chance.times(chance.int(4), () => this.value(object, field, operator));
        return [operator, values];
      }),
    );
  }

  private value(object: CatalogueObject, field: CatalogueField, operator: string): unknown {
    const { chance, ground } = this;
    const { type } = field;
    if (!ground.principal && chance.percent(1)) return chance.pick(STRAY_VALUES);
    if (ground.principal && chance.percent(45)) {
      const fitting = PRINCIPAL_VALUES.filter((name) => {
        const isText = name === 'region' || name === 'email';
        return type.kind === 'text' || (type.kind === 'uuid' && !isText) || (type.kind === 'enum' && isText);
      });
      if (fitting.length > 0) return `$principal.${chance.pick(fitting)}`;
    }
    const rows = ground.rows[object.name] ?? [];
    const stored = rows.length > 0 ? chance.pick<WorldRow>(rows)[field.name] : null;
    const usable = stored !== null && stored !== undefined && !String(stored).startsWith('@') && chance.percent(70);
    const value = usable ? stored : randomValue(chance, type, [chance.uuid()]);
    if (typeof value === 'string' && type.kind === 'text' && (operator === 'contains' || operator === 'startsWith')) {
      return [...value].slice(0, chance.between(0, 2)).join('');
    }
    if (typeof value === 'string' && type.kind === 'uuid' && chance.percent(10)) return value.toUpperCase();
    return value;
  }
}

function idOf(object: CatalogueObject): CatalogueField {
  return object.members.find((member): member is CatalogueField => member.name === 'id' && member.kind === 'field')!;
}
